using Microsoft.Extensions.AI;
using Noos.Cpus.ChatClients;
using Noos.Cpus.Local;
using Noos.Inference;
using Noos.Testing;

namespace Noos.Cpus.Tests.Local;

public sealed class PersistedPrefixCacheTests(LocalCpuTests.Fixture fixture) : IClassFixture<LocalCpuTests.Fixture>, IDisposable
{
    static readonly ChatMessage s_question = new(
        ChatRole.User, "Once upon a time there was a fox. Hello there. Once upon a time there was a fox.");

    readonly TemporaryFolder _folder = new();
    readonly List<string> _reports = [];

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_was_read_is_known_after_a_restart()
    {
        var first = await AskAsync(null);
        var second = await AskAsync(null);

        Assert.Equal(first.Text, second.Text);
        Assert.Equal(0, first.Usage!.CachedInputTokenCount);
        Assert.InRange(second.Usage!.CachedInputTokenCount!.Value, 32, second.Usage.InputTokenCount!.Value);
        Assert.Empty(_reports);
    }

    [Fact]
    public async Task Damaged_file_is_one_line_and_no_more()
    {
        var first = await AskAsync(null);

        var second = await AskAsync(path => File.WriteAllBytes(path, File.ReadAllBytes(path)[..100]));

        Assert.Equal(first.Text, second.Text);
        Assert.Contains("damaged", Assert.Single(_reports), StringComparison.Ordinal);
        Assert.InRange((await AskAsync(null)).Usage!.CachedInputTokenCount!.Value, 32, int.MaxValue);
    }

    async Task<ChatResponse> AskAsync(Action<string>? before)
    {
        using var client = new CpuChatClient(new LocalCpu(LanguageModel.Load(fixture.Model.Path)));
        var model = (LanguageModel)client.GetService(typeof(LanguageModel))!;
        if (before is not null)
        {
            before(Directory.GetFiles(_folder.Path).Single());
        }

        using var kept = new PersistedPrefixCache(model, _folder.Path, _reports.Add);
        await kept.Restored;
        return await client.GetResponseAsync([s_question], new ChatOptions { Seed = 3, MaxOutputTokens = 5 }, Token);
    }
}
