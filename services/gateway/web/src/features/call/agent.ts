import type { CallAgent } from '@/api/call';

/** What to call the person behind a phone. */
export function agentName({ name = '' }: CallAgent): string {
  return name || 'A colleague';
}
