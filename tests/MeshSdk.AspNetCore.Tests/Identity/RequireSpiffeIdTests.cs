using System.Net;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Grpc.Core;
using Grpc.Net.Client;
using MeshSdk.AspNetCore.Tests.Fixtures;
using MeshSdk.Testing;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ApplicationParts;
using Microsoft.AspNetCore.Mvc.Authorization;
using Microsoft.AspNetCore.Mvc.Controllers;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MeshSdk.AspNetCore.Tests.Identity;

/// <summary>Endpoints that are for some callers alone, in applications that authenticate users in various ways, or not at all.</summary>
public sealed class RequireSpiffeIdTests : IDisposable
{
    private const string Web = "spiffe://cluster.local/ns/web/sa/client";
    private const string Other = "spiffe://cluster.local/ns/web/sa/other";

    private readonly MeshCertificateAuthority _authority = new();

    public static TheoryData<string, string> EndpointsAndUsers => new(
        from path in (string[])["/minimal", "/attribute", "/mvc", "/filter"]
        from users in (string[])["none", "challenge", "cookies", "bare"]
        select (path, users));

    [Theory]
    [MemberData(nameof(EndpointsAndUsers))]
    public async Task It_is_met_by_the_connection_alone(string path, string users)
    {
        await using var host = await StartAsync(users);

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(host, Web, path));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(host, Other, path));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(host, null, path));

        // A user changes nothing about that.
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(host, null, path, user: "alice"));
    }

    [Theory]
    [InlineData("challenge", HttpStatusCode.Unauthorized)]
    [InlineData("cookies", HttpStatusCode.Redirect)]
    [InlineData("none", HttpStatusCode.Forbidden)]
    [InlineData("bare", HttpStatusCode.Forbidden)]
    public async Task What_else_a_policy_asks_for_is_asked_for_as_before(string users, HttpStatusCode withoutUser)
    {
        await using var host = await StartAsync(users);

        Assert.Equal(withoutUser, await StatusAsync(host, Web, "/both"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(host, Other, "/both"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(host, null, "/both"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(host, null, "/both", user: "alice"));
        if (users == "challenge")
        {
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(host, Web, "/both", user: "alice"));
        }
    }

    [Theory]
    [InlineData("none")]
    [InlineData("challenge")]
    [InlineData("cookies")]
    public async Task Each_of_several_has_to_be_met(string users)
    {
        await using var host = await StartAsync(users);

        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(host, Web, "/nobody"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(host, Other, "/nobody"));
    }

    [Fact]
    public async Task Endpoints_for_users_alone_are_not_opened_by_it()
    {
        await using var host = await StartAsync("challenge");

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(host, Web, "/user"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(host, null, "/user", user: "alice"));
    }

    [Fact]
    public async Task Any_peer_will_do_where_any_is_asked_for()
    {
        await using var host = await StartAsync("none");

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(host, Other, "/peer"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(host, null, "/peer"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_application_answers_in_its_own_way_where_it_has_one(bool late)
    {
        await using var host = await StartAsync("cookies", late ? null : AddAnswers, late ? AddAnswers : null);
        using var client = host.Client(_authority.Issue(Other));

        using var response = await client.GetAsync("/minimal");

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal("asked: forbidden", response.Headers.GetValues("x-answer").Single());

        static void AddAnswers(IServiceCollection services) => services.AddSingleton<IAuthorizationMiddlewareResultHandler, OwnAnswers>();
    }

    [Fact]
    public async Task A_grpc_service_is_refused_in_the_way_of_grpc()
    {
        await using var host = await StartAsync("none", protocols: HttpProtocols.Http1AndHttp2);

        Assert.Equal(Web, await AskAsync(Web));
        Assert.Equal(StatusCode.PermissionDenied, (await Assert.ThrowsAsync<RpcException>(() => AskAsync(Other))).StatusCode);

        async Task<string> AskAsync(string identity)
        {
            using var handler = Callers.Handler(_authority.Issue(identity));
            using var channel = GrpcChannel.ForAddress($"https://{host.EndPoint}", new GrpcChannelOptions { HttpHandler = handler });
            var method = new Method<string, string>(MethodType.Unary, "test.Who", "Ask", WhoService.Method.RequestMarshaller, WhoService.Method.ResponseMarshaller);
            return await channel.CreateCallInvoker().AsyncUnaryCall(method, null, default, "who?");
        }
    }

    [Fact]
    public async Task Code_that_asks_itself_is_answered_and_goes_on()
    {
        await using var host = await StartAsync("challenge");

        // What it does afterwards is its own matter: here it challenges.
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(host, Web, "/imperative"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(host, Other, "/imperative"));
    }

    [Theory]
    [InlineData("cluster.local/ns/web/sa/client", "here it is 'spiffe://cluster.local/ns/web/sa/client'")]
    [InlineData("spiffe://cluster.local/ns/web/sa/*", "wildcard")]
    [InlineData("spiffe://Cluster.Local/ns/web", "no SPIFFE ID")]
    [InlineData("", "no SPIFFE ID")]
    [InlineData(null, "no SPIFFE ID")]
    public void What_is_no_identity_is_refused_at_once(string? id, string reason)
    {
        var error = Assert.Throws<ArgumentException>(() => new AuthorizationPolicyBuilder().RequireSpiffeId(id!));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nobody_is_no_list_of_callers() => Assert.Throws<ArgumentException>(() => new AuthorizationPolicyBuilder().RequireSpiffeId());

    public void Dispose() => _authority.Dispose();

    private async Task<HttpStatusCode> StatusAsync(MeshHost host, string? identity, string path, string? user = null)
    {
        using var client = host.Client(identity is null ? null : _authority.Issue(identity));
        if (user is not null)
        {
            client.DefaultRequestHeaders.Add("x-user", user);
        }

        using var response = await client.GetAsync(path);
        return response.StatusCode;
    }

    private Task<MeshHost> StartAsync(
        string users, Action<IServiceCollection>? before = null, Action<IServiceCollection>? after = null, HttpProtocols protocols = HttpProtocols.Http1AndHttp2) =>
        MeshHost.StartAsync(
            _authority.Issue("spiffe://cluster.local/ns/shop/sa/backend"),
            protocols: protocols,
            build: builder =>
            {
                before?.Invoke(builder.Services);
                builder.Services.AddGrpc();
                builder.Services.AddControllers().ConfigureApplicationPartManager(static parts =>
                {
                    parts.ApplicationParts.Clear();
                    parts.FeatureProviders.Clear();
                    parts.FeatureProviders.Add(new Controllers());
                });
                var authentication = users == "none" ? null : builder.Services.AddAuthentication();
                _ = users switch
                {
                    "challenge" => authentication!.AddScheme<AuthenticationSchemeOptions, HeaderUsers>("Header", null),
                    "cookies" => authentication!.AddCookie(),
                    _ => authentication,
                };
                builder.Services.AddAuthorizationBuilder()
                    .AddPolicy("web", static policy => policy.RequireSpiffeId(Web, "spiffe://cluster.local/ns/web/sa/second"))
                    .AddPolicy("peer", static policy => policy.RequireMeshPeer())
                    .AddPolicy("user", static policy => policy.RequireAuthenticatedUser())
                    .AddPolicy("other", static policy => policy.RequireSpiffeId(Other))
                    .AddPolicy("both", static policy => policy.RequireSpiffeId(Web).RequireAuthenticatedUser());
                after?.Invoke(builder.Services);
            },
            application: app =>
            {
                if (users != "none")
                {
                    app.UseAuthentication();
                }

                app.UseAuthorization();
                app.MapGet("/minimal", static () => "ok").RequireAuthorization("web");
                app.MapGet("/attribute", [Authorize(Policy = "web")] static () => "ok");
                app.MapGet("/peer", static () => "ok").RequireAuthorization("peer");
                app.MapGet("/nobody", static () => "ok").RequireAuthorization("web", "other");
                app.MapGet("/both", static () => "ok").RequireAuthorization("both");
                app.MapGet("/user", static () => "ok").RequireAuthorization("user");
                app.MapGet("/imperative", static async (HttpContext context, IAuthorizationService authorization) =>
                    (await authorization.AuthorizeAsync(context.User, context, "web")).Succeeded ? Results.Ok() : Results.Challenge());
                app.MapControllers();
                app.MapGrpcService<GuardedWhoService>();
            });

    /// <summary>Takes whoever a header names for the user, and asks for one by 401.</summary>
    private sealed class HeaderUsers(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(
            Request.Headers["x-user"] is [{ } user]
                ? AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity([new Claim("name", user)], "Header")), Scheme.Name))
                : AuthenticateResult.NoResult());
    }

    private sealed class OwnAnswers : IAuthorizationMiddlewareResultHandler
    {
        private readonly AuthorizationMiddlewareResultHandler _default = new();

        public Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
        {
            context.Response.Headers["x-answer"] = authorizeResult.Forbidden ? "asked: forbidden" : "asked: other";
            return _default.HandleAsync(next, context, policy, authorizeResult);
        }
    }

    private sealed class Controllers : IApplicationFeatureProvider<ControllerFeature>
    {
        public void PopulateFeature(IEnumerable<ApplicationPart> parts, ControllerFeature feature)
        {
            feature.Controllers.Add(System.Reflection.IntrospectionExtensions.GetTypeInfo(typeof(GuardedController)));
            feature.Controllers.Add(System.Reflection.IntrospectionExtensions.GetTypeInfo(typeof(FilteredController)));
        }
    }
}

[Authorize(Policy = "web")]
public sealed class GuardedController : ControllerBase
{
    [HttpGet("/mvc")]
    public string Get() => "ok";
}

/// <summary>Authorized by a filter of MVC, which is not what endpoints are authorized by.</summary>
[TypeFilter<FilteredAuthorize>]
public sealed class FilteredController : ControllerBase
{
    [HttpGet("/filter")]
    public string Get() => "ok";
}

public sealed class FilteredAuthorize()
    : AuthorizeFilter(new AuthorizationPolicyBuilder().RequireSpiffeId("spiffe://cluster.local/ns/web/sa/client").Build());
