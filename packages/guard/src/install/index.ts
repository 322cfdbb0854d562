export type { Concern } from './assess.ts';
export { type ConcernId, type Ecosystem, type InstallRules, installCatalog } from './catalog.ts';
export { type Fetch, type PackageFacts, platformFetch } from './facts.ts';
export { assessInstall, type InstallPorts, type InstallVerdict } from './gate.ts';
export { compileLookAlike, type LookAlike } from './look-alike.ts';
export { askPackageManager, type ConfigurationSources, hostOf, type Registries, readRegistries } from './registry.ts';
export { type InstallRequest, type PackageSpec, readInstall, readSpec } from './request.ts';
