import { asSentence } from '@/lib/sentence';

/** A field the server refused, with the reason in its own words. */
export interface FieldProblem {
  field: string;
  message: string;
}

/** The body of an application/problem+json answer (RFC 9457). */
export interface ProblemBody {
  title?: string;
  status?: number;
  detail?: string;
  code?: string;
  remedy?: string;
  errors?: { location?: string; field?: string; message?: string }[] | null;
}

/** The server answered, and said no. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly fields: FieldProblem[],
    readonly retryAfterSeconds?: number,
  ) {
    super(message);
  }

  /** The reason for one field, or undefined. */
  field(name: string): string | undefined {
    return this.fields.find((f) => f.field === name)?.message;
  }

  /** The reason for one field, unless the problem's own sentence says it already. */
  beside(name: string): string | undefined {
    const reason = this.field(name);
    return reason !== undefined && this.message.startsWith(reason) ? undefined : reason;
  }
}

/** No answer arrived: whether the server acted is not known. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';

  constructor(cause: unknown) {
    super('The server could not be reached. Check your connection and try again.', { cause });
  }
}

const sentences: Record<number, string> = {
  401: 'Please log in again.',
  403: 'You are not allowed to do this.',
  404: 'This does not exist, or is not yours.',
  429: 'Too many requests. Wait a moment and try again.',
  503: 'The service is busy. Try again in a moment.',
};

/** Builds the error for a refused request. A body that is no problem document still gives a sentence. */
export function problemFrom(
  status: number,
  body: unknown,
  retryAfter?: string | null,
): ProblemError {
  const problem = isProblemBody(body) ? body : {};
  const fields = (problem.errors ?? []).map((e) => ({
    field: e.field ?? (e.location ?? '').replace(/^(body|query|path|header)\.?/, ''),
    message: e.message ?? 'is not valid',
  }));
  const message =
    problem.detail ??
    problem.title ??
    sentences[status] ??
    `The server answered with status ${status}.`;
  const seconds = Number(retryAfter);
  return new ProblemError(
    status,
    problem.code ?? `http_${status}`,
    problem.remedy ? `${asSentence(message)} ${problem.remedy}` : message,
    fields,
    retryAfter && Number.isFinite(seconds) ? seconds : undefined,
  );
}

/** One sentence for a person, whatever was thrown. */
export function sentenceOf(error: unknown): string {
  if (error instanceof ProblemError) {
    const whole = error.fields.find((f) => f.field === '');
    if (whole) return whole.message;
  }
  return error instanceof Error ? error.message : 'Something went wrong. Try again.';
}

function isProblemBody(body: unknown): body is ProblemBody {
  return typeof body === 'object' && body !== null && !Array.isArray(body);
}
