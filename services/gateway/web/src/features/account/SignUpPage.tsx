import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type SubmitEvent, useState } from 'react';

import { signUp, type SignUp } from '@/api/account';
import { ProblemError, sentenceOf } from '@/api/problem';
import { Button } from '@/components/Button';
import { Field } from '@/components/Field';
import { FormError } from '@/components/Notice';

import { AuthLayout } from './AuthLayout';
import { emailProblem, minimumPasswordLength, passwordProblem } from './password';

const empty: SignUp = { name: '', email: '', workspaceName: '', password: '' };

/** The page where one makes a workspace. */
export function SignUpPage() {
  const [form, setForm] = useState(empty);
  const [tried, setTried] = useState(false);
  const navigate = useNavigate();
  const client = useQueryClient();
  const signup = useMutation({
    mutationFn: signUp,
    onSuccess: async () => {
      client.clear();
      await navigate({ to: '/' });
    },
  });

  const problems = problemsOf(form);

  function submit(event: SubmitEvent) {
    event.preventDefault();
    setTried(true);
    if (Object.values(problems).some(Boolean)) return;
    signup.mutate({ ...form, email: form.email.trim() });
  }

  function field(name: keyof SignUp) {
    const refused = signup.error instanceof ProblemError ? signup.error.field(name) : undefined;
    return {
      name,
      value: form[name],
      onChange: (e: { target: { value: string } }) => {
        signup.reset();
        setForm({ ...form, [name]: e.target.value });
      },
      error: (tried ? problems[name] : undefined) ?? refused,
    };
  }

  return (
    <AuthLayout
      title="Create a workspace"
      footer={
        <>
          Already have one?{' '}
          <Link to="/login" className="font-medium text-accent hover:underline">
            Log in
          </Link>
        </>
      }
    >
      <form noValidate onSubmit={submit} className="flex flex-col gap-4">
        {signup.isError && <FormError>{sentenceOf(signup.error)}</FormError>}
        <Field label="Your name" autoComplete="name" autoFocus {...field('name')} />
        <Field label="Email" type="email" autoComplete="username" {...field('email')} />
        <Field
          label="Workspace"
          hint="Usually the name of your company or team."
          autoComplete="organization"
          {...field('workspaceName')}
        />
        <Field
          label="Password"
          type="password"
          hint={`At least ${minimumPasswordLength} characters. A few words in a row are easy to remember.`}
          autoComplete="new-password"
          {...field('password')}
        />
        <Button type="submit" kind="primary" busy={signup.isPending}>
          Create workspace
        </Button>
      </form>
    </AuthLayout>
  );
}

function problemsOf(form: SignUp): Record<keyof SignUp, string | undefined> {
  return {
    name: form.name.trim() === '' ? 'Enter your name.' : undefined,
    email: emailProblem(form.email),
    workspaceName: form.workspaceName.trim() === '' ? 'Name your workspace.' : undefined,
    password: passwordProblem(form.password, form.email),
  };
}
