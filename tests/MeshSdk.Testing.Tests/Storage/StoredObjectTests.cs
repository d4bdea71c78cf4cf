using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Storage;
using MeshSdk.Testing.Tests.Fixtures;

namespace MeshSdk.Testing.Tests.Storage;

public sealed class StoredObjectTests
{
    private static readonly ResourceType Type = new PlainSemantics().Types.First(type => type.Kind == "ConfigMap");

    [Fact]
    public void What_is_parsed_is_what_was_stored() => Gen.Select(Gen.String, Gen.String, Gen.Long[1, long.MaxValue]).Sample((name, value, revision) =>
    {
        // Lone surrogates have no UTF-8; nobody can send them.
        (name, value) = (Sound(name), Sound(value));
        var content = Cluster.ConfigMap(name, value, ("k", value));

        var parsed = StoredObject.Encode(Type, content, revision).Parse(Type);

        content["metadata"]!["resourceVersion"] = revision.ToString();
        return JsonNode.DeepEquals(content, parsed);
    });

    [Fact]
    public void Another_version_changes_nothing_else() => Gen.Select(Gen.Long[1, long.MaxValue], Gen.Long[1, long.MaxValue]).Sample((before, after) =>
    {
        var content = Cluster.ConfigMap("a", "v", ("k", "v"));

        var moved = StoredObject.Encode(Type, content, before).WithRevision(after);

        var direct = StoredObject.Encode(Type, content, after);
        return moved.Content.Span.SequenceEqual(direct.Content.Span) && moved.MetadataTail.Span.SequenceEqual(direct.MetadataTail.Span)
            && moved.Revision == after;
    });

    [Fact]
    public void Metadata_can_be_cut_out()
    {
        var stored = StoredObject.Encode(Type, Cluster.ConfigMap("a"), 12);

        var metadata = JsonNode.Parse("{" + Encoding.UTF8.GetString(stored.MetadataTail.Span) + "}")!;

        Assert.Equal("a", metadata.Name());
        Assert.Equal("12", metadata.Version());
    }

    private static string Sound(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
