export { askAudit, bulkPath, type Post } from './audit.ts';
export { type Change, openAdvisories, updateAdvisories } from './database.ts';
export { type Imported, importOsv } from './import.ts';
export { type Inventory, pinnedPackages } from './inventory.ts';
