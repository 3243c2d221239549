using Noos.Testing;

namespace Noos.Cli.Tests;

public sealed class KillTests
{
    /// <summary>A few rounds; <c>bench/kill.sh</c> makes two hundred.</summary>
    [Fact]
    public async Task Server_that_is_killed_at_random_moments_loses_nothing_and_leaves_nothing_stuck()
    {
        using var home = new TemporaryFolder();
        using var rounds = new KillRounds(
            [
                Path.Combine(AppContext.BaseDirectory, "noos.dll"), "up", "--port", "0", "--model",
                ShippedModelTests.Model("Llama-Noos-Nano.gguf"),
            ],
            home.Path, seed: 1);

        await rounds.RunAsync(3, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Empty(rounds.Faults);
        Assert.True(rounds.Acknowledged > 0);
    }
}
