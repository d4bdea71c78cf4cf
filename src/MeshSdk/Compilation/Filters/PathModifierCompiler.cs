using System.Text.RegularExpressions;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Filters;

/// <summary>Compiles what a redirect or a rewrite makes of the path.</summary>
internal static partial class PathModifierCompiler
{
    /// <param name="source">As written.</param>
    /// <param name="site">Whose it is.</param>
    /// <param name="field">Where in the filter it stands.</param>
    /// <returns>Null where the path stays, and where <paramref name="site"/> has failed.</returns>
    public static PathRewrite? Compile(HttpPathModifier? source, FilterSite site, string field)
    {
        switch (source)
        {
            case null:
                return null;

            case { Type: "ReplaceFullPath", ReplaceFullPath: { } path }:
                return Checked(prefix: null, path, $"{field}.replaceFullPath");

            case { Type: "ReplacePrefixMatch", ReplacePrefixMatch: { } replacement }:
                if (site.Prefix is null)
                {
                    site.Fail($"{field}.type", "ReplacePrefixMatch needs a rule that has one match, of type PathPrefix: else there is no prefix to replace");
                    return null;
                }

                return Checked(site.Prefix, replacement.TrimEnd('/'), $"{field}.replacePrefixMatch");

            case { Type: "ReplaceFullPath" or "ReplacePrefixMatch" }:
                site.Fail(field, $"the new path is missing, in {(source.Type == "ReplaceFullPath" ? "replaceFullPath" : "replacePrefixMatch")}");
                return null;

            default:
                site.Fail($"{field}.type", $"'{source.Type}' is neither ReplaceFullPath nor ReplacePrefixMatch");
                return null;
        }

        PathRewrite? Checked(string? prefix, string value, string where)
        {
            if (!Path().IsMatch(value))
            {
                site.Fail(where, "it is no path: it takes letters, digits, %HH and -._~!$&'()*+,;=:@/, and no query");
                return null;
            }

            return new PathRewrite(prefix, value.Length == 0 || value[0] == '/' ? value : $"/{value}");
        }
    }

    [GeneratedRegex(@"\A(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Path();
}
