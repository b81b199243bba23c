/** Places on earth. In: a text. Out: pairs of latitude and longitude, in degrees with four decimals or more (11 m and finer), or in degrees, minutes and seconds with compass letters; within range. */
import { findPattern, type Recognizer } from "./recognizer";

const DECIMAL = /(?<![\w.,-])([-+]?\d{1,2}\.\d{4,15})°?\s?[NS]?\s?[,;/ ]\s?([-+]?\d{1,3}\.\d{4,15})(?![\d.])/gi;
const SEXAGESIMAL = /(?<!\d)(\d{1,2})°\s?(\d{1,2})['′]\s?(?:\d{1,2}(?:\.\d{1,6})?["″]\s?)?[NS][,;]?\s{0,2}(\d{1,3})°\s?(\d{1,2})['′]\s?(?:\d{1,2}(?:\.\d{1,6})?["″]\s?)?[EW]\b/gi;

export const coordinates: Recognizer = {
  id: "coordinates",
  label: "Coordinates",
  help: "Latitude and longitude, exact to a house.",
  tag: "PLACE",
  default: true,
  context: /\blat|\blon|\bgps\b|coord|location|position|\bgeo/i,
  start: () => (text) => [
    ...findPattern(text, DECIMAL, ({ 0: value, 1: latitude, 2: longitude }) => (Math.abs(Number(latitude)) <= 90 && Math.abs(Number(longitude)) <= 180 ? { value, score: 0.5 } : undefined)),
    ...findPattern(text, SEXAGESIMAL, ({ 0: value, 1: latitude, 3: longitude }) => (Number(latitude) <= 90 && Number(longitude) <= 180 ? { value, score: 0.9 } : undefined)),
  ],
};
