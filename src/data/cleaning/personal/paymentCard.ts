/** Payment cards. In: a text. Out: numbers of 13 to 19 digits, in groups or not, whose first digits and length are of an issuer and whose last digit checks (ISO/IEC 7812). */
import { holdsLuhn } from "./checkDigits";
import { digitsOf, findPattern, type Recognizer } from "./recognizer";

const CANDIDATE = /(?<![\w.,+-]|\d )\d(?:[ -]?\d){12,18}(?![\w-]| \d|[.,]\d)/g;
/** First digits and lengths: Visa, Mastercard, American Express, Discover, Diners, JCB, UnionPay, Maestro. */
const ISSUERS = [
  /^4(?:\d{12}|\d{15}|\d{18})$/, /^(?:5[1-5]\d{4}|222[1-9]\d{2}|22[3-9]\d{3}|2[3-6]\d{4}|27[01]\d{3}|2720\d{2})\d{10}$/, /^3[47]\d{13}$/,
  /^6(?:011|4[4-9]\d|5\d{2})\d{12,15}$/, /^3(?:0[0-5]|[68]\d)\d{11}$/, /^35(?:2[89]|[3-8]\d)\d{12}$/, /^62\d{14,17}$/, /^(?:5018|5020|5038|5893|6304|6759|676[1-3])\d{9,15}$/,
];

export const paymentCard: Recognizer = {
  id: "paymentCard",
  label: "Payment cards",
  help: "Card numbers whose issuer and check digit are right.",
  tag: "CARD",
  default: true,
  context: /card|visa|mastercard|amex|american express|credit|debit|karte|carte|tarjeta/i,
  start: () => (text) => findPattern(text, CANDIDATE, ({ 0: found }) => {
    const digits = digitsOf(found);
    const isCard = ISSUERS.some((issuer) => issuer.test(digits)) && holdsLuhn(digits) && !/^(\d)\1+$/.test(digits);
    return isCard ? { value: digits, score: 0.7 } : undefined;
  }),
};
