namespace Noos.Cli.Tests;

/// <summary>Only the named command is made, so each must be known by the name that it has.</summary>
public sealed class CommandNamesTests(Terminal terminal) : IClassFixture<Terminal>
{
    [Fact]
    public async Task Every_command_of_the_list_answers_to_its_name()
    {
        var list = await terminal.RunAsync(["--help"]);
        var names = list.Output.Split('\n')
            .SkipWhile(line => !line.StartsWith("Commands:", StringComparison.Ordinal)).Skip(1)
            .Where(line => line is [' ', ' ', not ' ', ..])
            .Select(line => line.Trim().Split(' ')[0])
            .ToArray();

        Assert.True(names.Length > 15);
        var usages = await Task.WhenAll(names.Select(name => terminal.RunAsync([name, "--help"])));
        Assert.All(names.Zip(usages), pair => Assert.Contains($"noos {pair.First}", pair.Second.Output));
    }
}
