namespace MeshSdk.Samples.Tests;

/// <summary>Where the samples were built to.</summary>
internal static class SampleOutput
{
    /// <summary>The <c>mesh</c> command, which pages and samples call.</summary>
    public const string Tool = "mesh";

    private static readonly DirectoryInfo Output = new(AppContext.BaseDirectory);

    /// <summary>The root of the repository.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The built assembly of a sample, or of the command, of the configuration that the tests were built in.</summary>
    /// <param name="sample">Its project.</param>
    /// <param name="assembly">The name of the assembly; null: that of the project.</param>
    public static string Of(string sample, string? assembly = null)
    {
        var project = sample == Tool ? Path.Combine("src", "MeshSdk.Tool") : Path.Combine("samples", sample);
        return Path.Combine(Root, project, "bin", Output.Parent!.Name, Output.Name, $"{assembly ?? sample}.dll");
    }

    private static string FindRoot()
    {
        var folder = Output;
        while (!File.Exists(Path.Combine(folder.FullName, "MeshSdk.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException($"There is no MeshSdk.sln above {Output.FullName}.");
        }

        return folder.FullName;
    }
}
