import { ChevronLeft } from 'lucide-react';

import type { Template } from '@/api/template';
import { Field } from '@/components/Field';

import { fill } from './render';
import { titleOf } from './title';

export interface TemplateFieldsProps {
  template: Template;
  values: Record<string, string>;
  onChange: (values: Record<string, string>) => void;
  onBack: () => void;
}

/** The gaps of a template as fields, and what the customer will read. */
export function TemplateFields({ template, values, onChange, onBack }: TemplateFieldsProps) {
  return (
    <div className="flex flex-col gap-3 overflow-y-auto p-3">
      <div className="flex items-center gap-2">
        <button
          type="button"
          onClick={onBack}
          className="inline-flex items-center gap-1 rounded text-xs text-ink-2 hover:text-ink"
        >
          <ChevronLeft aria-hidden className="size-3.5" />
          Templates
        </button>
        <span className="min-w-0 flex-1 truncate font-medium">{titleOf(template)}</span>
        <span className="text-xs text-ink-3">{template.language}</span>
      </div>
      <div className="grid gap-3 sm:grid-cols-2">
        <div className="flex flex-col gap-2">
          {template.parameters.length === 0 && (
            <p className="text-ink-3">This template has nothing to fill in.</p>
          )}
          {template.parameters.map((parameter, i) => (
            <Field
              key={parameter.name}
              label={labelOf(parameter.name)}
              placeholder={parameter.example && `For example ${parameter.example}`}
              autoFocus={i === 0}
              value={values[parameter.name] ?? ''}
              onChange={(e) => onChange({ ...values, [parameter.name]: e.target.value })}
            />
          ))}
        </div>
        <Preview template={template} values={values} />
      </div>
    </div>
  );
}

function Preview({ template, values }: Pick<TemplateFieldsProps, 'template' | 'values'>) {
  return (
    <div className="flex flex-col gap-1">
      <p className="font-medium">Preview</p>
      <p
        aria-live="polite"
        dir="auto"
        className="rounded-xl rounded-br-sm bg-accent-soft px-3 py-2 break-words whitespace-pre-wrap"
      >
        {fill(template.body, values).map((piece, i) => {
          if (!piece.gap) return piece.text;
          const isFilled = (values[piece.gap] ?? '').trim() !== '';
          return isFilled ? (
            <strong key={i} className="font-medium">
              {piece.text}
            </strong>
          ) : (
            <span key={i} className="rounded bg-warn-soft px-1 text-warn">
              {labelOf(piece.gap)}
            </span>
          );
        })}
      </p>
    </div>
  );
}

// Providers name gaps by number or by word.
function labelOf(name: string): string {
  if (/^\d+$/.test(name)) return `Value ${name}`;
  const words = name.replace(/_+/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
