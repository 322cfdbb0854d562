export { type Draft, type DraftOptions, draftSpec, type Phase, type SpecFile, type Workflow } from './author.ts';
export type { DesignData, Question, RequirementsData, SecurityDecision, TasksData } from './document.ts';
export { features } from './features.ts';
export { renderDesign, renderRequirements, renderTasks } from './render.ts';
export { writeRequirements } from './requirements.ts';
export { writeSpec } from './write.ts';
