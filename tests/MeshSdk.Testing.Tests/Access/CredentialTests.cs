using System.Text.Json.Nodes;
using MeshSdk.Testing.Access;
using MeshSdk.Testing.Tests.Fixtures;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Testing.Tests.Access;

public sealed class CredentialTests
{
    private const string Reviews = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    private const string AccessReviews = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

    [Fact]
    public async Task Without_a_valid_token_only_the_public_is_answered()
    {
        var time = new FakeTimeProvider();
        await using var cluster = await Cluster.StartAsync(options => options.Time = time);
        var token = cluster.CreateToken("default", "app", TimeSpan.FromMinutes(10));
        using var nobody = cluster.CreateClient("nonsense");
        using var app = cluster.CreateClient(token);

        Assert.Equal(200, (await nobody.ReadAsync("/version")).Code);
        Assert.Equal(200, (await nobody.ReadAsync("/readyz")).Code);
        var (code, status) = await nobody.ReadAsync(Cluster.ConfigMaps);
        Assert.Equal((401, "Unauthorized"), (code, (string)status["reason"]!));
        Assert.Equal(200, (await app.ReadAsync(Cluster.ConfigMaps)).Code);
        time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(401, (await app.ReadAsync(Cluster.ConfigMaps)).Code);
    }

    [Fact]
    public async Task Tokens_are_requested_for_service_accounts_that_are_there()
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        const string Accounts = "/api/v1/namespaces/default/serviceaccounts";
        await client.CreateAsync(Accounts, new() { ["kind"] = "ServiceAccount", ["apiVersion"] = "v1", ["metadata"] = new JsonObject { ["name"] = "app" } });
        var request = new JsonObject
        {
            ["kind"] = "TokenRequest",
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["spec"] = new JsonObject { ["expirationSeconds"] = 600 },
        };

        var answer = await client.CreateAsync($"{Accounts}/app/token", request);
        var (missing, _) = await client.SendAsync(HttpMethod.Post, $"{Accounts}/none/token", request);
        using var app = cluster.CreateClient((string)answer["status"]!["token"]!);
        var who = await app.CreateAsync(Reviews, new() { ["kind"] = "SelfSubjectReview", ["apiVersion"] = "authentication.k8s.io/v1" });

        Assert.Equal(404, missing);
        Assert.Equal("system:serviceaccount:default:app", (string)who["status"]!["userInfo"]!["username"]!);
        Assert.Contains("system:authenticated", who["status"]!["userInfo"]!["groups"]!.AsArray().Select(group => (string)group!));
    }

    [Fact]
    public async Task Enforced_access_asks_the_authorizer_for_everything_but_reviews()
    {
        await using var cluster = await Cluster.StartAsync(options =>
        {
            options.EnforceAccess = true;
            options.Authorizer = _ => new ReadersOfOneMap();
        });
        using var admin = cluster.CreateClient();
        using var app = cluster.CreateClient(cluster.CreateToken("default", "app"));
        await admin.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap("a"));

        Assert.Equal(200, (await app.ReadAsync($"{Cluster.ConfigMaps}/a")).Code);
        Assert.Equal(200, (await app.ReadAsync($"{Cluster.ConfigMaps}?fieldSelector=metadata.name%3Da")).Code);
        var (code, status) = await app.ReadAsync(Cluster.ConfigMaps);
        Assert.Equal((403, "Forbidden", "list configmaps of system:serviceaccount:default:app"), (code, (string)status["reason"]!, (string)status["message"]!));
        Assert.Equal(403, (await app.SendAsync(HttpMethod.Put, "/api/v1/namespaces/default/services/a/status", new JsonObject())).Code);
        Assert.Equal(403, (await app.ReadAsync("/apis")).Code);
        Assert.True((bool)(await MayAsync("a"))["status"]!["allowed"]!);
        Assert.False((bool)(await MayAsync("b"))["status"]!["allowed"]!);
        Assert.Equal(403, await ImpersonateAsync(app));
        Assert.Equal(403, await ImpersonateAsync(admin));

        Task<JsonObject> MayAsync(string name) => app.CreateAsync(AccessReviews, new()
        {
            ["kind"] = "SelfSubjectAccessReview",
            ["apiVersion"] = "authorization.k8s.io/v1",
            ["spec"] = new JsonObject { ["resourceAttributes"] = new JsonObject { ["verb"] = "get", ["resource"] = "configmaps", ["namespace"] = "default", ["name"] = name } },
        });

        // As the administrator, in the place of somebody who may not list: a 403 of the other's.
        static async Task<int> ImpersonateAsync(HttpClient client)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, Cluster.ConfigMaps) { Headers = { { "Impersonate-User", "system:serviceaccount:default:app" } } };
            using var response = await client.SendAsync(request);
            return (int)response.StatusCode;
        }
    }

    [Fact]
    public async Task Service_account_files_are_rewritten_in_place()
    {
        await using var cluster = await Cluster.StartAsync();
        var directory = Directory.CreateTempSubdirectory();
        try
        {
            cluster.WriteServiceAccount(directory.FullName, "shop", "app");
            var first = await File.ReadAllTextAsync(Path.Combine(directory.FullName, "token"));
            cluster.Faults.ExpireTokens();
            cluster.WriteServiceAccount(directory.FullName, "shop", "app");
            var second = await File.ReadAllTextAsync(Path.Combine(directory.FullName, "token"));

            using var old = cluster.CreateClient(first);
            using var renewed = cluster.CreateClient(second);
            Assert.Equal((401, 200), ((await old.ReadAsync(Cluster.ConfigMaps)).Code, (await renewed.ReadAsync(Cluster.ConfigMaps)).Code));
            Assert.Equal("shop", await File.ReadAllTextAsync(Path.Combine(directory.FullName, "namespace")));
            Assert.Equal(cluster.CertificateAuthority, await File.ReadAllTextAsync(Path.Combine(directory.FullName, "ca.crt")));
            Assert.Equal(3, directory.GetFiles().Length);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_kubeconfig_is_nobody_elses_to_read()
    {
        await using var cluster = await Cluster.StartAsync();
        var directory = Directory.CreateTempSubdirectory();
        try
        {
            var path = Path.Combine(directory.FullName, "config");
            await File.WriteAllTextAsync(path, "old");
            cluster.WriteKubeconfig(path, "shop");

            Assert.Contains("namespace: shop", await File.ReadAllTextAsync(path), StringComparison.Ordinal);
            Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(path) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private sealed class ReadersOfOneMap : IAuthorizer
    {
        public string? Refuse(AccessRequest request) =>
            request.User.Groups.Contains("system:masters") || request is { Resource: "configmaps", Namespace: "default", Name: "a", Verb: "get" or "list" }
                ? null
                : $"{request.Verb} {request.Resource} of {request.User.Name}";

        public IReadOnlyList<RbacRule> Rules(ApiUser user, string ns) => [];
    }
}
