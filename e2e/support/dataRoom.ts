/** The Data room by its public names. In: a page. Out: what its stories do again and again. */
import { expect, type Locator, type Page } from "@playwright/test";

export const datasetItem = (page: Page, name: string): Locator =>
  page.getByRole("list", { name: "Datasets" }).getByRole("listitem").filter({ has: page.getByRole("heading", { name, exact: true }) });

export const reportOf = (page: Page, name: string): Locator =>
  page.getByRole("region", { name: "Import report" }).getByRole("listitem").filter({ has: page.getByText(name, { exact: true }) }).first();

export const datasetView = (page: Page, name: string): Locator => page.getByRole("region", { name, exact: true });

/** Waits until it is said to be added, and looks at it. */
export async function expectAdded(page: Page, name: string, says: string | RegExp, timeout = 60_000): Promise<void> {
  await expect(reportOf(page, name)).toContainText("Added:", { timeout });
  await expect(reportOf(page, name)).toContainText(says);
}

export async function look(page: Page, name: string): Promise<Locator> {
  await datasetItem(page, name).getByRole("button", { name: "Preview" }).click();
  const view = datasetView(page, name);
  await expect(view).toBeVisible();
  return view;
}

export async function openTab(view: Locator, tab: "Rows" | "Columns" | "Balance" | "Clean" | "Split" | "Export"): Promise<void> {
  await view.getByRole("tab", { name: tab, exact: true }).click();
}

/** The cells of a row of the grid, header left out; rows count from 1. */
export async function cellsOf(view: Locator, name: string, row: number): Promise<string[]> {
  await openTab(view, "Rows");
  const found = view.getByRole("grid", { name: `Rows of ${name}` }).locator(`[role=row][aria-rowindex="${row + 1}"]`);
  await expect(found.getByRole("gridcell").first()).toBeVisible();
  await expect(found).not.toHaveAttribute("aria-busy", "true");
  return found.getByRole("gridcell").allInnerTexts();
}
