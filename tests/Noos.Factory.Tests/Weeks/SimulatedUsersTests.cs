using Noos.Corpus.Conversations;
using Noos.Corpus.Preferences;
using Noos.Factory.Collection;
using Noos.Factory.Weeks;
using Noos.Testing;

namespace Noos.Factory.Tests.Weeks;

/// <summary>Careless and hostile users are found out by the collector, week after week.</summary>
public sealed class SimulatedUsersTests : IDisposable
{
    static readonly DateTimeOffset s_monday = new(2026, 1, 5, 8, 0, 0, TimeSpan.Zero);

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Ten_weeks_of_labels_leave_nothing_of_hostile_users_and_most_of_honest_ones()
    {
        var users = new SimulatedUsers(new SimulationOptions { PromptsPerUser = 25 }, [], ["formats", "talk"]);
        var unreliable = Array.Empty<string>();
        for (var week = 1; week <= 10; week++)
        {
            users.Write(_folder.File($"week-{week:D2}.jsonl"), week, s_monday.AddDays(7 * week));
            var report = new Collector(new CollectionOptions(), []).Run(
                new TaughtSources { Labels = Directory.GetFiles(_folder.Path, "week-*.jsonl") }, _folder.File("collected"),
                TestContext.Current.CancellationToken);
            unreliable = [.. report.Unreliable];

            // From the first week on.
            Assert.Contains("user-09", unreliable);
        }

        Assert.Equal(["user-07", "user-08", "user-09"], unreliable);
        var learned = ConversationFile.Read(CollectedFiles.DemonstrationsPath(_folder.File("collected")))
            .Select(one => one.Messages[^1].Text()).ToArray();
        Assert.True(learned.Length > 200, $"{learned.Length}");
        Assert.DoesNotContain(
            learned, text => text.Contains("idiot", StringComparison.Ordinal) || text.Contains("buy buy", StringComparison.Ordinal));
        Assert.True(PreferenceFile.Read(CollectedFiles.PreferencesPath(_folder.File("collected"))).Count > 500);
    }

    [Fact]
    public void Same_week_is_written_the_same_and_another_one_otherwise()
    {
        var users = new SimulatedUsers(new SimulationOptions { PromptsPerUser = 5 }, []);
        users.Write(_folder.File("a"), 1, s_monday);
        users.Write(_folder.File("b"), 1, s_monday);
        users.Write(_folder.File("c"), 2, s_monday);

        Assert.Equal(File.ReadAllBytes(_folder.File("a")), File.ReadAllBytes(_folder.File("b")));
        Assert.NotEqual(File.ReadAllBytes(_folder.File("a")), File.ReadAllBytes(_folder.File("c")));
    }
}
