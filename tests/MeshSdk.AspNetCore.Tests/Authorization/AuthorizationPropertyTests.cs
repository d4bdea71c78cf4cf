using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using MeshSdk.AspNetCore.Authorization;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.AspNetCore.Tests.Authorization;

/// <summary>What holds for every policy and every call.</summary>
public sealed class AuthorizationPropertyTests
{
    private static readonly Dictionary<string, string[]> SourceValues = new()
    {
        ["principals"] = ["*", "cluster.local/ns/foo/sa/bar", "cluster.local/ns/foo/*", "*/sa/cli", "cluster.local/ns/*/sa/bar", "other.io/ns/foo/sa/bar"],
        ["namespaces"] = ["foo", "q*", "*", "f*o", "*sa", "ba"],
        ["serviceAccounts"] = ["bar", "qux/cli", "foo/ba"],
        ["ipBlocks"] = ["10.0.0.0/8", "10.1.2.3", "127.0.0.1", "fd00::/8"],
    };

    private static readonly Dictionary<string, string[]> OperationValues = new()
    {
        ["hosts"] = ["*", "a.com", "*.com", "A.*", "a.com:80"],
        ["ports"] = ["8080", "9090"],
        ["methods"] = ["GET", "P*", "*", "*T", "get"],
        ["paths"] = ["/a", "/a*", "*/b", "*", "/a/b", "/a/{*}", "/{**}/b", "/%61", "/a b", "/a%20b"],
    };

    private static readonly Gen<InboundCall> Calls = Gen.Select(
        Any<string?>(null, "spiffe://cluster.local/ns/foo/sa/bar", "spiffe://cluster.local/ns/qux/sa/cli", "spiffe://other.io/ns/foo/sa/bar", "spiffe://other.io/x"),
        Any("10.1.2.3", "127.0.0.1", "fd00::1"),
        Any(8080, 9090),
        Any("GET", "POST", "PUT", "get"),
        Any("a.com", "A.com", "a.com:80", "b.org"),
        Targets(),
        static (caller, address, port, method, host, target) => new InboundCall
        {
            Caller = SpiffeId.TryParse(caller, out var id) ? id : null,
            Address = IPAddress.Parse(address),
            Port = port,
            Method = method,
            Host = host,
            Target = target,
            Path = KestrelPath.Of(target),
        });

    private static readonly Gen<GivenPolicy[]> Policies = Gen.Select(
        Any("ALLOW", "ALLOW", "DENY", "CUSTOM", "AUDIT"),
        Gen.Select(Parts(SourceValues), Parts(OperationValues), static (from, to) => new GivenRule(from, to)).Array[0, 3],
        static (action, rules) => new GivenPolicy(action, rules)).Array[0, 3];

    private static readonly Gen<PathNormalization> Normalizations = Gen.Enum<PathNormalization>();

    [Fact]
    public void Calls_are_decided_as_the_reference_does() => Gen.Select(Policies, Calls, Normalizations).Sample(
        static (policies, call, normalization) =>
        {
            var (model, diagnostics) = CompiledPolicies.Of(ResourcesOf([.. policies.Select(DocumentOf)]));
            Assert.DoesNotContain(diagnostics, static diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
            return AuthorizationEngine.Decide(model with { Normalization = normalization }, call).IsAllowed
                == ReferenceEvaluator.Allows(policies, call, normalization);
        },
        iter: 1000,
        print: static sample => $"{TextOf(sample.Item1.Select(DocumentOf))} {sample.Item2.Caller} {sample.Item2.Method} {sample.Item2.Host} {sample.Item2.Target} {sample.Item3}");

    [Fact]
    public void Where_the_normalization_is_unknown_nothing_is_let_in_that_any_of_them_keeps_out() => Gen.Select(Policies, Calls).Sample(
        static (policies, call) =>
        {
            var model = CompiledPolicies.Of(ResourcesOf([.. policies.Select(DocumentOf)])).Model;
            return !AuthorizationEngine.Decide(model with { Normalization = PathNormalization.Unknown }, call).IsAllowed
                || Enum.GetValues<PathNormalization>().All(known => AuthorizationEngine.Decide(model with { Normalization = known }, call).IsAllowed);
        },
        iter: 2000);

    [Fact]
    public void A_policy_that_is_spoilt_never_lets_in_what_it_kept_out() => Gen.Select(Policies, Calls, Gen.Int[0, 1000], Gen.Int[0, 3]).Sample(
        static (policies, call, place, how) =>
        {
            GivenPolicy[] kept = [.. policies.Where(static policy => policy.Action != "AUDIT")];
            var documents = kept.Select(DocumentOf).ToArray();
            if (documents.Length == 0)
            {
                return;
            }

            var spoilt = documents.Select(static document => document.DeepClone()).ToArray();
            Spoil(spoilt[place % spoilt.Length], place, how);
            var before = AuthorizationEngine.Decide(CompiledPolicies.Of(ResourcesOf(documents)).Model, call);
            var after = AuthorizationEngine.Decide(CompiledPolicies.Of(ResourcesOf(spoilt)).Model, call);

            Assert.True(before.IsAllowed || !after.IsAllowed, TextOf(spoilt));
        },
        iter: 1000);

    [Fact]
    public void Paths_are_normalized_as_the_reference_does() => Gen.Select(Targets(), Normalizations).Sample(
        static (target, normalization) => Normalize(target.Split('?')[0], normalization) == ReferenceEvaluator.Normalize(target.Split('?')[0], normalization),
        iter: 4000);

    [Fact]
    public void What_is_normalized_stays_as_it_is() => Gen.Select(Targets(), Normalizations).Sample(
        static (target, normalization) =>
        {
            var once = Normalize(target.Split('?')[0], normalization);
            return Normalize(once, normalization) == once && (normalization == PathNormalization.None || PathNormalizer.IsNormal(once, normalization) || once.Contains('%') || once.Contains("/."));
        },
        iter: 4000);

    [Fact]
    public void A_path_that_is_taken_for_normal_is() => Gen.Select(Targets(), Normalizations).Sample(
        static (target, normalization) => !PathNormalizer.IsNormal(target, normalization) || Normalize(target, normalization) == target,
        iter: 4000);

    private static Gen<T> Any<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    private static string Normalize(string path, PathNormalization normalization)
    {
        var buffer = new char[path.Length * PathNormalizer.Growth];
        return new(buffer, 0, PathNormalizer.Normalize(path, buffer, normalization));
    }

    private static Gen<string> Targets() => Any(
            "/", "/", "a", "b", "..", ".", "%2e", "%2E%2e", "%61", "%2f", "%2F", "%5c", "\\", "%20", "%25", "%C3%A9", "\"", "{x}", "a.b", "...", "%7e", "%5F")
        .Array[0, 8].Select(static parts => $"/{string.Concat(parts)}");

    private static Gen<GivenPart[]> Parts(Dictionary<string, string[]> values) => Gen.Select(
            Any([.. values.Keys]), Gen.Bool, Gen.Int[0, 100].Array[1, 2], (name, negated, picks) =>
                (Name: negated ? $"not{char.ToUpperInvariant(name[0])}{name[1..]}" : name, Values: picks.Select(pick => values[name][pick % values[name].Length]).Distinct().ToArray()))
        .Array[1, 3]
        .Select(static fields => new GivenPart(fields.DistinctBy(static field => field.Name).ToDictionary(static field => field.Name, static field => field.Values)))
        .Array[0, 2];

    private static string TextOf(IEnumerable<JsonNode> documents) => string.Join('\n', documents.Select(static document => document.ToJsonString()));

    private static IEnumerable<AuthorizationPolicy> ResourcesOf(JsonNode[] documents) => documents.Select(static (document, i) => new AuthorizationPolicy
    {
        Metadata = new() { Name = $"p{i}", Namespace = AuthorizationCase.Namespace },
        Spec = JsonSerializer.SerializeToElement(document["spec"]),
    });

    private static JsonObject DocumentOf(GivenPolicy policy) => new()
    {
        ["spec"] = new JsonObject
        {
            ["action"] = policy.Action,
            ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = "w" } },
            ["rules"] = new JsonArray([.. policy.Rules.Select(static rule => new JsonObject
            {
                ["from"] = new JsonArray([.. rule.From.Select(static part => new JsonObject { ["source"] = JsonSerializer.SerializeToNode(part.Fields) })]),
                ["to"] = new JsonArray([.. rule.To.Select(static part => new JsonObject { ["operation"] = JsonSerializer.SerializeToNode(part.Fields) })]),
            })]),
        },
    };

    /// <summary>Puts something into one place of a document that cannot stand there.</summary>
    private static void Spoil(JsonNode document, int place, int how)
    {
        List<JsonNode> nodes = [.. Below(document["spec"]!)];
        var node = nodes[place % nodes.Count];
        switch (how)
        {
            case 0 when node is JsonObject { Count: > 0 } mapping && !node.GetPath().EndsWith("matchLabels", StringComparison.Ordinal):
                // A slip of the pen; of a label it would be another one.
                var (name, value) = mapping.First();
                mapping.Remove(name);
                mapping[$"{name}x"] = value;
                break;
            case 1 when node is JsonObject mapping:
                mapping["unknown"] = true;
                break;
            default:
                JsonNode garbage = how switch
                {
                    2 => JsonValue.Create("\u0001 no such"),
                    _ => JsonValue.Create(7),
                };
                if (how == 2 && node is JsonValue && node.GetPath() != "$.spec.action")
                {
                    // A text where one belongs is no fault.
                    garbage = new JsonObject { ["no"] = "text" };
                }

                node.ReplaceWith(garbage);
                break;
        }
    }

    private static IEnumerable<JsonNode> Below(JsonNode node) => new[] { node }.Concat(node switch
    {
        JsonObject mapping => mapping.SelectMany(static member => Below(member.Value!)),
        JsonArray list => list.SelectMany(static item => Below(item!)),
        _ => [],
    });
}
