import { request } from './client';
import type { components } from './schema';

type Schemas = components['schemas'];

/** What a provider takes of one message on a channel; 0 and an empty list bound nothing. */
export type Limits = Schemas['ChannelLimits'];
export type ChannelSetting = Schemas['ChannelSettings'];

export interface CommunicationSettings {
  channels: ChannelSetting[];
  /** Where one can be the customer; undefined when no channel is sandboxed. */
  sandboxUrl?: string;
}

// A server that runs its sandbox elsewhere says where.
type WireSettings = Schemas['CommunicationSettings'] & { sandboxUrl?: string };

const sandboxPort = 8090;

/** The channels of the workspace. */
export async function getCommunicationSettings(
  signal?: AbortSignal,
): Promise<CommunicationSettings> {
  const wire = await request<WireSettings>('GET', '/api/settings/communications', { signal });
  const { channels } = wire;
  if (!channels.some((c) => c.sandbox)) return { channels };
  const besideThisPage = `${location.protocol}//${location.hostname}:${sandboxPort}`;
  return { channels, sandboxUrl: wire.sandboxUrl ?? besideThisPage };
}
