const reasons: Record<string, string> = {
  too_large: 'too large to keep',
  too_many: 'one file too many to keep',
  type_refused: 'of a type that is not kept',
  address_refused: 'at an address that is not fetched from',
  unavailable: 'the provider did not hand it out',
};

/** Why a file is not there. */
export function missingWords(reason: string | undefined): string {
  return (reason && reasons[reason]) ?? 'not there';
}
