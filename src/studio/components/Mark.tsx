/** Descent's mark: a ball at the bottom of a loss curve. Drawn in the color of the text around it. */
export function Mark({ size = 20 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 20 20" aria-hidden="true">
      <path d="M2 4c3 0 3.5 11 8 11s5-5 8-5" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
      <circle cx="10" cy="15" r="2.2" fill="currentColor" />
    </svg>
  );
}
