export {
  type AuthInterceptor,
  type AuthInterceptorOptions,
  authInterceptor,
} from "./clients/axios/auth-interceptor.ts";
