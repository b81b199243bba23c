/** Hands the one `Studio` down the tree. In: a studio. Out: `useStudio`, and `useSession` for a slice of what React renders. */
import { createContext, type ReactNode, useContext } from "react";
import { useStore } from "zustand";
import type { Session } from "../state/session";
import type { Studio } from "../state/studio";

const Context = createContext<Studio | null>(null);

export function StudioProvider({ studio, children }: { readonly studio: Studio; readonly children: ReactNode }) {
  return <Context value={studio}>{children}</Context>;
}

export function useStudio(): Studio {
  const studio = useContext(Context);
  if (!studio) throw new Error("useStudio is called outside of StudioProvider.");
  return studio;
}

export function useSession<T>(select: (session: Session) => T): T {
  return useStore(useStudio().session, select);
}
