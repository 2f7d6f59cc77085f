import type { ObjectDefinition } from "./definition.ts";
import { field, systemFields } from "./definition.ts";

/** Opportunity as a real org describes it [R facts §2.3-2.4, checked against the describe by a test]. */
export const opportunityObject: ObjectDefinition = {
  name: "Opportunity",
  label: "Opportunity",
  labelPlural: "Opportunities",
  keyPrefix: "006",
  without: ["activateable", "mergeable"],
  fields: [
    ...systemFields("Opportunity ID"),
    field("AccountId", "reference", "CUN", {
      referenceTo: ["Account"],
      relationshipName: "Account",
    }),
    field("IsPrivate", "boolean", "CUD", { label: "Private" }),
    field("Name", "string", "CULM", { length: 120 }),
    field("Description", "textarea", "CUNfsg", { length: 32000 }),
    field("StageName", "picklist", "CU", {
      length: 255,
      label: "Stage",
      values: [
        "Prospecting",
        "Qualification",
        "Needs Analysis",
        "Value Proposition",
        "Id. Decision Makers",
        "Perception Analysis",
        "Proposal/Price Quote",
        "Negotiation/Review",
        "Closed Won",
        "Closed Lost",
      ],
    }),
    field("Amount", "currency", "CUNg", { precision: 18, scale: 2 }),
    field("Probability", "percent", "CUNDg", { precision: 3, scale: 0, label: "Probability (%)" }),
    field("ExpectedRevenue", "currency", "Ng", {
      precision: 18,
      scale: 2,
      label: "Expected Amount",
    }),
    field("TotalOpportunityQuantity", "double", "CUNg", {
      precision: 18,
      scale: 2,
      label: "Quantity",
    }),
    field("CloseDate", "date", "CU"),
    field("Type", "picklist", "CUN", {
      length: 255,
      label: "Opportunity Type",
      values: [
        "Existing Customer - Upgrade",
        "Existing Customer - Replacement",
        "Existing Customer - Downgrade",
        "New Customer",
      ],
    }),
    field("NextStep", "string", "CUN", { length: 255 }),
    field("LeadSource", "picklist", "CUN", {
      length: 255,
      values: ["Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other"],
    }),
    field("IsClosed", "boolean", "D", { label: "Closed" }),
    field("IsWon", "boolean", "D", { label: "Won" }),
    field("ForecastCategory", "picklist", "R", {
      length: 40,
      values: ["Omitted", "Pipeline", "BestCase", "MostLikely", "Forecast", "Closed"],
    }),
    field("ForecastCategoryName", "picklist", "CUNDR", {
      length: 255,
      label: "Forecast Category",
      values: ["Omitted", "Pipeline", "Best Case", "Commit", "Closed"],
    }),
    field("CampaignId", "reference", "CUN", {
      referenceTo: ["Campaign"],
      relationshipName: "Campaign",
    }),
    field("HasOpportunityLineItem", "boolean", "D", { label: "Has Line Item" }),
    field("OwnerId", "reference", "CUD", { referenceTo: ["User"], relationshipName: "Owner" }),
    field("LastActivityDate", "date", "N", { label: "Last Activity" }),
    field("LastStageChangeDate", "datetime", "Ng"),
    field("ContactId", "reference", "CN", { referenceTo: ["Contact"] }),
    field("LastViewedDate", "datetime", "Ng"),
    field("LastReferencedDate", "datetime", "Ng"),
    field("HasOpenActivity", "boolean", "Dfs"),
    field("HasOverdueTask", "boolean", "Dfs"),
  ],
};
