import type { Attachment } from './attachment';
import { request } from './client';
import type { components } from './schema';

type Schemas = components['schemas'];

/** The states of a call; the higher the rank, the later. */
export const callRanks = {
  ringing: 10,
  in_progress: 20,
  busy: 30,
  no_answer: 30,
  failed: 30,
  canceled: 30,
  voicemail: 40,
  completed: 40,
} as const;
export type CallState = keyof typeof callRanks;

/** A call, as an entry of its conversation. */
export interface Call {
  state: CallState;
  /** The user who took or placed it. */
  agentId?: string;
  /** Of the talk, or of the voicemail. */
  seconds: number;
  startedAt?: Date;
  answeredAt?: Date;
  endedAt?: Date;
  recording?: Attachment;
  transcript: string;
}

/** Reads a call from the wire. A state this page does not know is over, and nobody says how. */
export function toCall(wire: Schemas['Call']): Call {
  return {
    state: wire.state in callRanks ? (wire.state as CallState) : 'completed',
    agentId: wire.agentId === '' ? undefined : wire.agentId,
    seconds: wire.durationSeconds,
    startedAt: toDate(wire.startedAt),
    answeredAt: toDate(wire.answeredAt),
    endedAt: toDate(wire.endedAt),
    recording: wire.recording,
    transcript: wire.transcript ?? '',
  };
}

function toDate(text: string | undefined): Date | undefined {
  return text ? new Date(text) : undefined;
}

export type CallAgent = Schemas['CallAgent'];
export type CallSettings = Schemas['CallSettings'];

/** What the workspace does with calls. */
export function getCallSettings(signal?: AbortSignal): Promise<CallSettings> {
  return request<CallSettings>('GET', '/api/settings/calls', { signal });
}

/** Changes what the workspace does with calls. */
export function setCallSettings(settings: CallSettings): Promise<CallSettings> {
  return request<CallSettings>('PUT', '/api/settings/calls', { body: settings });
}
