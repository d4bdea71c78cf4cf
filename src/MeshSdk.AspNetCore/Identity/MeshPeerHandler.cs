using System.Text.Encodings.Web;
using MeshSdk.AspNetCore.Requests;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MeshSdk.AspNetCore.Identity;

/// <summary>
/// Authenticates requests by the connection that they came on. Nothing can be asked for where that proves nothing, so that a challenge is a
/// refusal.
/// </summary>
internal sealed class MeshPeerHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    // A principal for each request: applications add claims to that of the request, which must not stay for the next one.
    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(
        Context.GetMeshPeer() is { } peer
            ? AuthenticateResult.Success(new AuthenticationTicket(peer.CreatePrincipal(), Scheme.Name))
            : AuthenticateResult.NoResult());

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) => HandleForbiddenAsync(properties);

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        InboundReply.Mark(Context, InboundReply.Denied);
        return Task.CompletedTask;
    }
}
