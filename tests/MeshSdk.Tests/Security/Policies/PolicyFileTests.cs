using MeshSdk.Security;
using MeshSdk.Security.Policies;
using Microsoft.Extensions.Logging.Testing;

namespace MeshSdk.Tests.Security.Policies;

/// <summary>Files of policies under the hands of those who keep them fresh.</summary>
public sealed class PolicyFileTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("mesh-files-");
    private readonly FakeLogger _logger = new();
    private int _parsed;

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void What_has_not_changed_is_read_once()
    {
        var file = File("a", "1");

        Assert.Equal("1", file.Current().Text);
        Assert.Same(file.Current(), file.Current());
        Assert.Equal(1, _parsed);
    }

    [Fact]
    public void What_is_rewritten_in_place_is_read_again()
    {
        var file = File("a", "1");
        file.Current();

        Write("a", "22");

        Assert.Equal("22", file.Current().Text);
    }

    [Fact]
    public void What_is_copied_over_with_its_times_and_as_long_is_read_again()
    {
        var file = File("a", "1");
        file.Current();
        var path = Path.Combine(_directory.FullName, "a");
        var time = System.IO.File.GetLastWriteTimeUtc(path);

        Write("a", "2");
        System.IO.File.SetLastWriteTimeUtc(path, time);

        Assert.Equal("2", file.Current().Text);
    }

    [Fact]
    public void What_a_link_leads_to_is_read_again_when_a_directory_is_swapped_under_it()
    {
        Directory.CreateDirectory(Path.Combine(_directory.FullName, "1"));
        Directory.CreateDirectory(Path.Combine(_directory.FullName, "2"));
        Write("1/a", "one");
        Write("2/a", "another");
        Directory.CreateSymbolicLink(Path.Combine(_directory.FullName, "..data"), "1");
        System.IO.File.CreateSymbolicLink(Path.Combine(_directory.FullName, "a"), Path.Combine("..data", "a"));
        var file = new PolicyFile<Content>([Path.Combine(_directory.FullName, "a")], Parse, _logger);
        Assert.Equal("one", file.Current().Text);

        Directory.CreateSymbolicLink(Path.Combine(_directory.FullName, "..next"), "2");
        Directory.Delete(Path.Combine(_directory.FullName, "..data"));
        Directory.Move(Path.Combine(_directory.FullName, "..next"), Path.Combine(_directory.FullName, "..data"));

        Assert.Equal("another", file.Current().Text);
    }

    [Fact]
    public void The_last_sound_version_stays_and_one_line_says_so()
    {
        var file = File("a", "1");
        file.Current();

        Write("a", "broken");
        Assert.Equal("1", file.Current().Text);
        Assert.Equal("1", file.Current().Text);

        System.IO.File.Delete(Path.Combine(_directory.FullName, "a"));
        Assert.Equal("1", file.Current().Text);

        Write("a", "333");
        Assert.Equal("333", file.Current().Text);
        Assert.Equal(2, _logger.Collector.Count);
        Assert.All(_logger.Collector.GetSnapshot(), line => Assert.Contains(Path.Combine(_directory.FullName, "a"), line.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void What_was_never_sound_fails_with_its_path_until_it_is()
    {
        var file = File("a", "broken");

        var error = Assert.Throws<IdentityUnavailableException>(() => file.Current());
        Assert.Contains(Path.Combine(_directory.FullName, "a"), error.Message, StringComparison.Ordinal);
        Assert.Contains("it is broken", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, _logger.Collector.Count);

        Write("a", "4444");
        Assert.Equal("4444", file.Current().Text);
    }

    [Fact]
    public void A_path_that_can_be_none_fails_like_a_file_that_is_not_there() =>
        Assert.Throws<IdentityUnavailableException>(() => new PolicyFile<Content>(["\0"], Parse, _logger).Current());

    private PolicyFile<Content> File(string name, string text)
    {
        Write(name, text);
        return new PolicyFile<Content>([Path.Combine(_directory.FullName, name)], Parse, _logger);
    }

    private void Write(string name, string text) => System.IO.File.WriteAllText(Path.Combine(_directory.FullName, name), text);

    private Content Parse(string[] texts)
    {
        _parsed++;
        return texts[0] == "broken" ? throw new FormatException("it is broken") : new Content(texts[0]);
    }

    private sealed record Content(string Text);
}
