using System.Text.RegularExpressions;

namespace Noos.Cli.Tests;

/// <summary>Files of deploy/ that call <c>noos</c> must call it as it is.</summary>
public sealed partial class DeploymentTests(Terminal terminal) : IClassFixture<Terminal>
{
    [Theory]
    [InlineData("deploy/training/pretrain.sbatch")]
    [InlineData("deploy/training/pretrain.yaml")]
    public async Task Training_files_use_options_that_pretrain_has(string path)
    {
        var help = (await terminal.RunAsync(["pretrain", "--help"])).Output;
        var lines = File.ReadLines(Path.Combine(ShippedModelTests.Repository, path))
            .Where(line => line.Contains("pretrain ", StringComparison.Ordinal) || line.Contains("[pretrain", StringComparison.Ordinal))
            .Where(line => !line.StartsWith('#'))
            .ToArray();
        var options = lines.SelectMany(line => OptionName().Matches(line)).Select(match => match.Value).Distinct().ToArray();

        Assert.Contains("--join", options);
        Assert.Contains("--listen", options);
        Assert.All(options, option => Assert.Contains(option, help, StringComparison.Ordinal));
    }

    [GeneratedRegex("--[a-z][a-z-]+", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex OptionName();
}
