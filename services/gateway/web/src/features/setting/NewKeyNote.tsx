import type { NewApiKey } from '@/api/apiKey';
import { Button } from '@/components/Button';
import { CopyField } from '@/components/CopyField';

/** A new key's secret, shown this once. */
export function NewKeyNote({ made, onDone }: { made: NewApiKey; onDone: () => void }) {
  return (
    <div role="status" className="flex flex-col gap-2 rounded-lg border border-accent p-4">
      <p className="font-medium">Copy “{made.key.name}” now. It is not shown again.</p>
      <div className="flex gap-2">
        <CopyField label="New API key" text={made.secret} />
        <Button kind="ghost" onClick={onDone}>
          Done
        </Button>
      </div>
    </div>
  );
}
