using System.Security.Claims;
using MeshSdk.AspNetCore.Requests;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace MeshSdk.AspNetCore.Identity;

/// <summary>
/// The services of a request that is refused for its caller: whoever is to answer it, and asks the application's authentication to, gets 403 and
/// not the redirect or the challenge of the scheme that happens to be the default.
/// </summary>
internal sealed class ForbiddingServices(IServiceProvider inner) : IServiceProvider, IKeyedServiceProvider, IAuthenticationService
{
    public object? GetService(Type serviceType) =>
        serviceType == typeof(IAuthenticationService) ? this
        : serviceType == typeof(IServiceProvider) ? this
        : inner.GetService(serviceType);

    public object? GetKeyedService(Type serviceType, object? serviceKey) => Keyed.GetKeyedService(serviceType, serviceKey);

    public object GetRequiredKeyedService(Type serviceType, object? serviceKey) => Keyed.GetRequiredKeyedService(serviceType, serviceKey);

    public Task ChallengeAsync(HttpContext context, string? scheme, AuthenticationProperties? properties) => ForbidAsync(context, scheme, properties);

    public Task ForbidAsync(HttpContext context, string? scheme, AuthenticationProperties? properties)
    {
        InboundReply.Mark(context, InboundReply.Denied);
        return Task.CompletedTask;
    }

    public Task<AuthenticateResult> AuthenticateAsync(HttpContext context, string? scheme) =>
        Authentication?.AuthenticateAsync(context, scheme) ?? Task.FromResult(AuthenticateResult.NoResult());

    public Task SignInAsync(HttpContext context, string? scheme, ClaimsPrincipal principal, AuthenticationProperties? properties) =>
        Required.SignInAsync(context, scheme, principal, properties);

    public Task SignOutAsync(HttpContext context, string? scheme, AuthenticationProperties? properties) => Required.SignOutAsync(context, scheme, properties);

    private IAuthenticationService? Authentication => (IAuthenticationService?)inner.GetService(typeof(IAuthenticationService));

    private IAuthenticationService Required => inner.GetRequiredService<IAuthenticationService>();

    private IKeyedServiceProvider Keyed =>
        inner as IKeyedServiceProvider ?? throw new InvalidOperationException("This service provider doesn't support keyed services.");
}
