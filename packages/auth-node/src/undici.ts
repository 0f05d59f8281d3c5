export {
  type AuthInterceptor,
  type AuthInterceptorOptions,
  authInterceptor,
} from "./clients/undici/auth-interceptor.ts";
