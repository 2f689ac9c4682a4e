import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { type SubmitEvent, useState } from 'react';

import { logIn } from '@/api/account';
import { ProblemError, sentenceOf } from '@/api/problem';
import { Button } from '@/components/Button';
import { Field } from '@/components/Field';
import { FormError } from '@/components/Notice';

import { AuthLayout } from './AuthLayout';
import { emailProblem } from './password';

/** The page where one logs in. */
export function LogInPage() {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [tried, setTried] = useState(false);
  const navigate = useNavigate();
  const client = useQueryClient();
  const { next } = useSearch({ from: '/login' });
  const login = useMutation({
    mutationFn: logIn,
    onSuccess: async () => {
      client.clear();
      await navigate({ href: next ?? '/' });
    },
  });

  const problems = {
    email: emailProblem(email),
    password: password === '' ? 'Enter your password.' : undefined,
  };

  function submit(event: SubmitEvent) {
    event.preventDefault();
    setTried(true);
    if (problems.email ?? problems.password) return;
    login.mutate({ email: email.trim(), password });
  }

  return (
    <AuthLayout
      title="Log in"
      footer={
        <>
          New here?{' '}
          <Link to="/signup" className="font-medium text-accent hover:underline">
            Create a workspace
          </Link>
        </>
      }
    >
      <form noValidate onSubmit={submit} className="flex flex-col gap-4">
        {login.isError && <FormError>{refusal(login.error)}</FormError>}
        <Field
          label="Email"
          name="email"
          type="email"
          autoComplete="username"
          autoFocus
          value={email}
          onChange={(e) => setEmail(e.target.value)}
          error={tried ? problems.email : undefined}
        />
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete="current-password"
          value={password}
          onChange={(e) => setPassword(e.target.value)}
          error={tried ? problems.password : undefined}
        />
        <Button type="submit" kind="primary" busy={login.isPending}>
          Log in
        </Button>
      </form>
    </AuthLayout>
  );
}

function refusal(error: unknown): string {
  if (error instanceof ProblemError && error.status === 401) {
    return 'This e-mail address and password do not belong together.';
  }
  return sentenceOf(error);
}
