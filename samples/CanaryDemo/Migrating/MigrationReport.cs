using System.Globalization;
using Spectre.Console;

namespace CanaryDemo.Migrating;

/// <summary>The migration as a story of some thirty lines.</summary>
internal sealed class MigrationReport(Report report, IReadOnlyList<Pod> pods)
{
    private int _phase;

    public void Begin(string route, string version)
    {
        report.Route($"{route} ({version})");
        report.Line(
            $"{pods.Count} server pods, {Traffic.Callers} client pods, {Traffic.RequestsPerSecond} calls a second from here to the end. " +
            "mTLS: the share of them that came by mutual TLS, as the servers count it");
    }

    public void Phase(string text) => report.Heading($"{++_phase}. {text}");

    public void Stage(Stage stage, bool holds)
    {
        report.Line($"   {LineOf(stage)}  {(holds ? "ok" : "off")}", holds ? Color.Green : Color.Red);
        if (stage.Split.Problem is not null)
        {
            report.Line($"   the first that failed: {stage.Split.Problem}", Color.Red);
        }
    }

    public void Servers(int count) => report.Line($"   {count} of {count} server pods are ready for both");

    public void Client(int number, int count, Stage stage) => report.Line($"   {LineOf(stage)}  {number} of {count} client pods");

    public void Refusal(string who, Refusal refusal) => report.Line(
        string.Create(CultureInfo.InvariantCulture, $"   {who}: before {Of(refusal.Before)}, {refusal.Took.TotalMilliseconds:0} ms later {Of(refusal.After)}"),
        refusal.Holds ? Color.Default : Color.Red);

    public void End(string route, string version, int requests, int failed, bool holds)
    {
        report.Heading($"{route} ({version})");
        report.Line($"{requests} calls during the migration, {failed} failed", failed == 0 ? Color.Default : Color.Red);
        report.Line(
            holds ? "Every phase came out, and the route is the object that it was." : "Not every phase came out as it should.",
            holds ? Color.Green : Color.Red);
    }

    private static string LineOf(Stage stage)
    {
        var services = stage.Split.Rows.Where(static row => row.Weight is not null)
            .Select(row => string.Create(CultureInfo.InvariantCulture, $"{row.Name} {100.0 * row.Count / Math.Max(1, stage.Split.Requests):0.0} %"));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"mTLS {100 * stage.Arrivals.Share,5:0.0} %  {stage.Split.Requests,4} calls: {string.Join(", ", services)}, {stage.Split.Failed} failed");
    }

    private static string Of(IReadOnlyList<string> answers) =>
        string.Join(", ", answers.GroupBy(static answer => answer).Select(static group => $"{group.Count()} x {group.Key}"));
}
