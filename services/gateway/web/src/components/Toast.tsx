import { createContext, type ReactNode, useCallback, useContext, useState } from 'react';
import { Toast as Primitive } from 'radix-ui';

interface ToastMessage {
  id: number;
  text: string;
  action?: { name: string; run: () => void };
}

type ShowToast = (text: string, action?: ToastMessage['action']) => void;

const ToastContext = createContext<ShowToast>(() => undefined);

/** Shows a short message at the edge of the page. */
export function useToast(): ShowToast {
  return useContext(ToastContext);
}

/** The place where short messages appear. */
export function ToastProvider({ children }: { children: ReactNode }) {
  const [messages, setMessages] = useState<ToastMessage[]>([]);
  const show = useCallback<ShowToast>((text, action) => {
    setMessages((shown) => [...shown, { id: (shown.at(-1)?.id ?? 0) + 1, text, action }]);
  }, []);
  const forget = (id: number) => setMessages((shown) => shown.filter((m) => m.id !== id));

  return (
    <ToastContext value={show}>
      <Primitive.Provider duration={6000} swipeDirection="down">
        {children}
        {messages.map((message) => (
          <Primitive.Root
            key={message.id}
            onOpenChange={(isOpen) => !isOpen && forget(message.id)}
            className="flex animate-appear items-center gap-4 rounded-md border border-line bg-raised px-4 py-2 shadow-pop"
          >
            <Primitive.Description>{message.text}</Primitive.Description>
            {message.action && (
              <Primitive.Action
                altText={message.action.name}
                onClick={message.action.run}
                className="font-medium text-accent hover:underline"
              >
                {message.action.name}
              </Primitive.Action>
            )}
          </Primitive.Root>
        ))}
        <Primitive.Viewport className="fixed top-2 left-1/2 z-50 flex w-max max-w-[calc(100vw-32px)] -translate-x-1/2 flex-col gap-2 md:top-auto md:bottom-4 md:left-4 md:translate-x-0" />
      </Primitive.Provider>
    </ToastContext>
  );
}
