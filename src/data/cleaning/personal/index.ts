/** The registry of recognizers of personal data: one file and one line here per kind. */
import { coordinates } from "./coordinates";
import { cryptoWallet } from "./cryptoWallet";
import { dateOfBirth } from "./dateOfBirth";
import { email } from "./email";
import { handle } from "./handle";
import { iban } from "./iban";
import { ipAddress } from "./ipAddress";
import { macAddress } from "./macAddress";
import { nationalId } from "./nationalId";
import { paymentCard } from "./paymentCard";
import { phone } from "./phone";
import type { Recognizer } from "./recognizer";
import { secret } from "./secret";

export const recognizers: readonly Recognizer[] = [
  email,
  phone,
  paymentCard,
  iban,
  nationalId,
  dateOfBirth,
  ipAddress,
  macAddress,
  cryptoWallet,
  secret,
  coordinates,
  handle,
];
