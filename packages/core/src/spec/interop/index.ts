export { type DraftRequirement, type DraftTask, draftRequirements, draftTasks, type SpecDraft } from './draft.ts';
export { type Exported, exportGherkin, exportIssues, exportOpenSpec, exportSpecKit } from './export.ts';
export { importOpenSpec, importSpecKit } from './import.ts';
