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
    public static string Of(string sample)
    {
        var project = sample == Tool ? Path.Combine("src", "MeshSdk.Tool") : Path.Combine("samples", sample);
        return Path.Combine(Root, project, "bin", Output.Parent!.Name, Output.Name, $"{sample}.dll");
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
