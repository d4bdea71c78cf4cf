using MeshSdk.Sources;
using MeshSdk.Sources.Manifests;

namespace MeshSdk.Tests.Sources.Manifests;

public sealed class YamlDocumentsTests
{
    [Theory]
    [InlineData("", "|0")]
    [InlineData("a\n", "a_|0")]
    [InlineData("a\n---\nb", "a_|0 ---_b|1")]
    [InlineData("---\na\n--- # x\nb\n", "---_a_|0 ---_#_x_b_|2")]
    [InlineData("# c\n%YAML 1.2\n\n---\na\n", "#_c_%YAML_1.2__---_a_|0")]
    [InlineData("a\r\n---\r\nb\r---\rc", "a_|0 ---_b_|1 ---_c|3")]
    [InlineData("---\n---\n---", "---_|0 ---_|1 ---|2")]
    [InlineData("----\n --- \n---x\n", "----__---__---x_|0")]
    public void A_text_is_cut_at_its_markers(string text, string expected)
    {
        var pieces = YamlDocuments.Split(text).ToList();

        Assert.Equal(text, string.Concat(pieces.Select(static piece => piece.Text)));
        Assert.Equal(expected, string.Join(' ', pieces.Select(static piece => $"{piece.Text.ReplaceLineEndings("_").Replace(' ', '_')}|{piece.LinesBefore}")));
    }

    [Fact]
    public void A_fault_ends_with_its_document_and_numbers_and_lines_go_on()
    {
        var content = ManifestReader.Read(
            Manifest.Documents(Manifest.Service("a"), "x: [\n", "# nothing\n", "y: @\n", Manifest.Service("b")), "a.yaml");

        Assert.Equal(["a", "b"], content.Resources.Select(static resource => resource.Metadata.Name));
        Assert.Equal([(1, 1), (5, 16)], content.Resources.Select(static resource => (resource.Origin!.Document, resource.Origin.Line)));
        Assert.Equal([(2, 11), (4, 14)], content.Problems.Select(static problem => (problem.Document!.Value, problem.Line!.Value)));
        Assert.True(content.HasSyntaxError);
    }
}
