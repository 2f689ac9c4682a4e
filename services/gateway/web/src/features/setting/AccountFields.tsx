import type { OwnAccount, ProviderField, ProviderForm } from '@/api/ownAccount';
import { Field } from '@/components/Field';

export interface AccountFieldsProps {
  form: ProviderForm;
  /** What is saved of the account; undefined when there is none. */
  saved: OwnAccount | undefined;
  values: Record<string, string>;
  /** What the server says of a field, by its name. */
  errorOf: (field: string) => string | undefined;
  onChange: (field: string, value: string) => void;
}

/** The fields a provider asks for. A saved secret is not told: what is left empty stays as it is. */
export function AccountFields(props: AccountFieldsProps) {
  const required = props.form.fields.filter((f) => f.required);
  const optional = props.form.fields.filter((f) => !f.required);
  return (
    <div className="flex flex-col gap-3">
      {required.map((field) => (
        <AccountField key={field.name} field={field} {...props} />
      ))}
      {optional.length > 0 && (
        <details open={optional.some((f) => props.errorOf(f.name))}>
          <summary className="cursor-pointer text-ink-2">
            More of {props.form.title}, optional
          </summary>
          <div className="mt-3 flex flex-col gap-3">
            {optional.map((field) => (
              <AccountField key={field.name} field={field} {...props} />
            ))}
          </div>
        </details>
      )}
    </div>
  );
}

function AccountField(props: AccountFieldsProps & { field: ProviderField }) {
  const { field, saved, values, errorOf, onChange } = props;
  const secret = saved?.secrets.find((s) => s.field === field.name);
  const known = secret ? `Saved${secret.last4 ? `, ends in ${secret.last4}` : ''}` : '';
  return (
    <Field
      label={field.label}
      hint={field.help}
      type={field.secret ? 'password' : 'text'}
      autoComplete="off"
      spellCheck={false}
      maxLength={8192}
      placeholder={known}
      value={values[field.name] ?? saved?.values[field.name] ?? ''}
      onChange={(e) => onChange(field.name, e.target.value)}
      error={errorOf(field.name)}
    />
  );
}
