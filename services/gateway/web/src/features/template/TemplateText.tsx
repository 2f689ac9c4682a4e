import type { TemplateUse } from '@/api/message';
import { MessageText } from '@/features/message/MessageText';
import type { Channel } from '@/lib/channel';

import { render } from './render';
import { useTemplates } from './useTemplates';

export interface TemplateTextProps {
  use: TemplateUse;
  channel: Channel;
}

/** What a template says with its values; its name, where the provider no longer lists it. */
export function TemplateText({ use, channel }: TemplateTextProps) {
  const template = useTemplates(channel).data?.find(
    (t) => t.id === use.id && (!use.language || t.language === use.language),
  );
  if (template) return <MessageText text={render(template, use.parameters)} />;
  const values = Object.values(use.parameters).filter(Boolean).join(' · ');
  return <MessageText text={values ? `${use.id}: ${values}` : use.id} />;
}
