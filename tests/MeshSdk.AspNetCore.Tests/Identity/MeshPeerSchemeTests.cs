using System.Net;
using System.Security.Claims;
using MeshSdk.AspNetCore.Tests.Fixtures;
using MeshSdk.Testing;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace MeshSdk.AspNetCore.Tests.Identity;

/// <summary>Applications that want callers of the mesh to be users, and those that do not.</summary>
public sealed class MeshPeerSchemeTests : IDisposable
{
    private const string Web = "spiffe://cluster.local/ns/web/sa/client";

    private readonly MeshCertificateAuthority _authority = new();

    [Theory]
    [InlineData(false, "/user", "200 " + Web)]
    [InlineData(true, "/user", "302")]
    [InlineData(false, "/named", "200 " + Web)]
    [InlineData(true, "/named", "200 " + Web)]
    [InlineData(true, "/namespace", "200 " + Web)]
    [InlineData(true, "/other-namespace", "403")]
    [InlineData(true, "/anyone", "200 ")]
    public async Task A_caller_is_a_user_where_the_scheme_is_asked(bool withCookies, string path, string expected)
    {
        await using var host = await StartAsync(withCookies);

        Assert.Equal(expected, await AskAsync(host, Web, path));
    }

    [Theory]
    [InlineData(false, "/user")]
    [InlineData(true, "/named")]
    [InlineData(true, "/namespace")]
    [InlineData(true, "/challenge")]
    public async Task Nothing_can_be_asked_of_one_that_has_proved_nothing(bool withCookies, string path)
    {
        await using var host = await StartAsync(withCookies);

        Assert.Equal("403", await AskAsync(host, null, path));
    }

    [Fact]
    public async Task What_is_added_to_a_user_is_gone_with_the_request()
    {
        await using var host = await StartAsync(withCookies: false);
        using var client = host.Client(_authority.Issue(Web));

        Assert.Equal("5", await client.GetStringAsync("/add"));
        Assert.Equal("5", await client.GetStringAsync("/add"));
    }

    public void Dispose() => _authority.Dispose();

    private async Task<string> AskAsync(MeshHost host, string? identity, string path)
    {
        using var client = host.Client(identity is null ? null : _authority.Issue(identity));
        using var response = await client.GetAsync(path);
        return response.StatusCode == HttpStatusCode.OK ? $"200 {await response.Content.ReadAsStringAsync()}" : $"{(int)response.StatusCode}";
    }

    private Task<MeshHost> StartAsync(bool withCookies) => MeshHost.StartAsync(
        _authority.Issue("spiffe://cluster.local/ns/shop/sa/backend"),
        build: builder =>
        {
            var authentication = builder.Services.AddAuthentication(withCookies ? "Cookies" : "Mesh").AddMeshPeer();
            if (withCookies)
            {
                authentication.AddCookie("Cookies");
            }

            builder.Services.AddAuthorizationBuilder()
                .AddPolicy("named", static policy => policy.AddAuthenticationSchemes(MeshPeerDefaults.AuthenticationScheme).RequireAuthenticatedUser())
                .AddPolicy("namespace", static policy => policy
                    .AddAuthenticationSchemes(MeshPeerDefaults.AuthenticationScheme).RequireClaim(MeshClaimTypes.Namespace, "web"))
                .AddPolicy("other", static policy => policy
                    .AddAuthenticationSchemes(MeshPeerDefaults.AuthenticationScheme).RequireClaim(MeshClaimTypes.Namespace, "shop"));
        },
        application: static app =>
        {
            app.UseAuthentication();
            app.UseAuthorization();
            app.MapGet("/anyone", static (ClaimsPrincipal user) => user.Identity?.Name ?? "");
            app.MapGet("/user", [Authorize] static (ClaimsPrincipal user) => user.Identity?.Name);
            app.MapGet("/named", static (ClaimsPrincipal user) => user.Identity?.Name).RequireAuthorization("named");
            app.MapGet("/namespace", static (ClaimsPrincipal user) => user.Identity?.Name).RequireAuthorization("namespace");
            app.MapGet("/other-namespace", static (ClaimsPrincipal user) => user.Identity?.Name).RequireAuthorization("other");
            app.MapGet("/challenge", static context => context.ChallengeAsync(MeshPeerDefaults.AuthenticationScheme));
            app.MapGet("/add", static (ClaimsPrincipal user) =>
            {
                ((ClaimsIdentity)user.Identity!).AddClaim(new Claim("added", "here"));
                return user.Claims.Count().ToString(System.Globalization.CultureInfo.InvariantCulture);
            });
        });
}
