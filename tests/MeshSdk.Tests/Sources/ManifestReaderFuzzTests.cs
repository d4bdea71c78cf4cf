using CsCheck;
using MeshSdk.Resources.Json;
using MeshSdk.Sources;

namespace MeshSdk.Tests.Sources;

/// <summary>Whatever a file says, reading it ends with an answer.</summary>
public sealed class ManifestReaderFuzzTests
{
    private const string Valid = """
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: r, labels: &l {a: b, "c": 'd'}}
        spec:
          rules:
          - matches: [{path: {type: PathPrefix, value: /}, headers: [{name: x, value: "1"}]}]
            timeouts: {request: 10s}
            backendRefs:
            - {name: v1, port: 80, weight: 90}
            - <<: *l
              name: v2
              weight: 0x0a
        ---
        {"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"},
          "spec": {"ports": [{"port": 8e1, "targetPort": "http"}], "clusterIP": null}}]}
        --- |
          text
        """;

    private const string Pieces = "[]{}:,-&*!|>'\"#%@`?<~\n\t 0x1e9.\\u\0\ufeff😀ab";

    [Fact]
    public void Random_text_never_throws() => Gen.String[Gen.Char[Pieces], 0, 60].Sample(Survives, iter: 3000);

    [Fact]
    public void Random_characters_never_throw() => Gen.String.Sample(Survives, iter: 1000);

    [Fact]
    public void A_mutated_manifest_never_throws() =>
        Gen.Select(Gen.Int[0, Valid.Length - 1], Gen.Int[0, 20], Gen.String[Gen.Char[Pieces], 0, 4]).Array[1, 4].Sample(
            mutations => Survives(mutations.Aggregate(Valid, (text, mutation) =>
            {
                var (at, removed, inserted) = mutation;
                at = Math.Min(at, text.Length);
                return text.Remove(at, Math.Min(removed, text.Length - at)).Insert(at, inserted);
            })),
            iter: 2000);

    [Fact]
    public void The_valid_manifest_reads_apart_from_its_last_document()
    {
        var content = ManifestReader.Read(Valid, "a.yaml");

        Assert.Equal(2, content.Resources.Length);
        Assert.Equal(3, Assert.Single(content.Problems).Document);
    }

    private static void Survives(string text)
    {
        foreach (var file in new[] { "a.yaml", "a.json" })
        {
            var content = ManifestReader.Read(text, file);

            Assert.All(content.Resources, resource =>
            {
                Assert.NotEmpty(resource.Metadata.Name);
                Assert.NotEmpty(resource.Metadata.Namespace);
                ResourceFingerprint.Of(resource);
            });
            var lines = text.Count(c => c is '\n' or '\r' or '\u0085' or '\u2028' or '\u2029') + 2;
            Assert.All(content.Problems, problem => Assert.InRange(problem.Line ?? 1, 1, lines));
            Assert.True(content.Problems.Length > 0 || content.Resources.Length > 0 || content.IsEmpty || text.Contains("List", StringComparison.Ordinal) || HoldsEmptyList(text));
        }
    }

    // There may be blanks between its brackets.
    private static bool HoldsEmptyList(string text) => string.Concat(text.Where(static c => !char.IsWhiteSpace(c))).Contains("[]", StringComparison.Ordinal);
}
