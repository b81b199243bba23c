import { expect, it } from "vitest";
import type { ColumnType } from "../types/table";
import { guessRoles } from "./guessRoles";

/** name:type:mean length:distinct */
function rolesOf(columns: string): string {
  return guessRoles(columns.split(" ").map((each) => {
    const [name = "", type = "text", length = "80", distinct] = each.split(":");
    return { name: name.replaceAll("~", " "), type: type as ColumnType, meanLength: Number(length), distinct: distinct === undefined ? undefined : Number(distinct) };
  })).join(" ");
}

it.each([
  ["raw text", "text", "text"],
  ["Alpaca", "instruction input output", "prompt prompt completion"],
  ["ShareGPT", "id:text:20 conversations:json", "id messages"],
  ["OpenAI", "messages:json", "messages"],
  ["TRL pairs", "prompt completion", "prompt completion"],
  ["TRL preferences", "prompt chosen rejected", "prompt chosen rejected"],
  ["Together preferences", "input:json preferred_output:json non_preferred_output:json", "prompt chosen rejected"],
  ["KTO", "prompt completion label:boolean", "prompt completion label"],
  ["AutoTrain classification", "text target:category:6:4", "text label"],
  ["AutoTrain sequence to sequence", "text target:text:90", "text target"],
  ["SQuAD without answers", "question", "text"],
  ["SpamAssassin", "id:text:30 text:text:2000 group:category:8:5", "id text group"],
  ["SMS spam", "v1:category:4:2 v2:text:80", "label text"],
  ["State of the Union", "id:integer:3 president:category:15:43 party:category:10:6 year:integer:4 text:text:20000", "id group label time text"],
  ["IMDB", "review:text:1300 sentiment:category:8:2", "text label"],
  ["Amazon reviews", "Id:integer UserId:text:14 HelpfulnessNumerator:integer Score:integer:1:5 Time:integer:10 Summary:text:25 Text:text:430", "id group none none time target text"],
  ["iris", "sepalLength:number:3 sepalWidth:number:3 petalLength:number:3 petalWidth:number:3 species:category:8:3", "feature feature feature feature label"],
  ["wages", "EDUCATION:integer:2 SOUTH:integer:1:2 WAGE:number:4 AGE:integer:2", "none none none none"],
  ["Common Crawl", "url:text:60 timestamp:date:20 text:text:3000", "source time text"],
  ["one unnamed column", "column~1:text:20", "text"],
  ["two columns of prose", "left:text:80 right:text:90", "none none"],
  ["a label of long text", "label:text:300 text", "none text"],
  ["an empty text column", "text:empty:0 body", "none text"],
  ["an output without a prompt", "output:number:4 year:integer:4", "none time"],
])("%s", (_, columns, roles) => {
  expect(rolesOf(columns)).toBe(roles);
});
