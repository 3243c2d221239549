using System.Text;
using Microsoft.Extensions.Time.Testing;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Facts;
using Noos.Core.Tools;
using Noos.Kernel.Accounts;
using Noos.Kernel.Facts;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Testing;

namespace Noos.Kernel.Tests.Accounts;

/// <summary>The people of a home, on the disk.</summary>
public sealed class AccountStoreTests : IDisposable
{
    readonly TemporaryFolder _home = new();
    readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 30, 20, 0, 0, TimeSpan.Zero));
    readonly AccountStore _accounts;

    public AccountStoreTests() => _accounts = new AccountStore(_home.Path, _time);

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _home.Dispose();

    [Fact]
    public void Home_without_accounts_is_not_begun_by_looking()
    {
        Assert.Null(_accounts.Owner);
        Assert.Empty(_accounts.List());
        Assert.Null(_accounts.FindSession("x"));
        Assert.Null(_accounts.FindKey("noos-x"));
        Assert.Null(_accounts.Verify("olga", "password"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_home.Path));
    }

    [Fact]
    public async Task First_owner_gets_what_was_nobodys_by_name()
    {
        var facts = new FactStore(_home.Path);
        facts.Add(AccountStore.Unnamed, new FactVersion("Tea at four.", FactState.Kept, [], null), "api");
        long process;
        await using (var journal = Journal.Open(_home.Path))
        {
            process = (await journal.AddProcessAsync(
                new ProcessRecord(0, null, AccountStore.Unnamed, ProcessKind.Conversation) { Program = new ProcessProgram() }, Token)).Id;
        }

        var (owner, isNew) = _accounts.EnsureOwner("olga");
        var (again, isNewAgain) = new AccountStore(_home.Path).EnsureOwner("someone else");

        Assert.True(isNew);
        Assert.False(isNewAgain);
        Assert.Equal(("olga", AccountRole.Owner, false), (owner.Name, owner.Role, owner.HasPassword));
        Assert.Equal(owner.Name, again.Name);
        Assert.Single(facts.List("olga"));
        using var reader = JournalReader.Open(_home.File(Journal.FileName));
        Assert.Equal("olga", reader.Find(process)!.Owner);
    }

    [Fact]
    public void Password_opens_its_account_and_is_not_on_the_disk()
    {
        _accounts.EnsureOwner("olga");
        _accounts.Add("anna", "correct horse");

        Assert.Equal("anna", _accounts.Verify("Anna", "correct horse")?.Name);
        Assert.Null(_accounts.Verify("anna", "correct horsf"));
        Assert.Null(_accounts.Verify("olga", ""));
        Assert.Null(_accounts.Verify("nobody", "correct horse"));
        Assert.DoesNotContain("correct horse", Encoding.UTF8.GetString(ReadAll()), StringComparison.Ordinal);
        Assert.Throws<NoosException>(() => _accounts.SetPassword("anna", "short"));
    }

    [Fact]
    public void Tokens_of_sessions_and_keys_are_not_on_the_disk()
    {
        _accounts.Add("anna");
        var session = _accounts.BeginSession("anna", "browser").Token;
        var key = _accounts.AddKey("anna", "editor").Token;

        Assert.Equal("anna", _accounts.FindSession(session)?.Account.Name);
        Assert.Equal("anna", _accounts.FindKey(key)?.Account.Name);
        var disk = Encoding.Latin1.GetString(ReadAll());
        Assert.DoesNotContain(session, disk, StringComparison.Ordinal);
        Assert.DoesNotContain(key, disk, StringComparison.Ordinal);
        Assert.DoesNotContain(key[SecretToken.ShownLength..], disk, StringComparison.Ordinal);
    }

    [Fact]
    public void Session_ends_after_a_month_without_use_and_not_before()
    {
        _accounts.Add("anna");
        var token = _accounts.BeginSession("anna", null).Token;
        for (var day = 0; day < 90; day += 15)
        {
            _time.Advance(TimeSpan.FromDays(15));
            Assert.NotNull(_accounts.FindSession(token));
        }

        _time.Advance(TimeSpan.FromDays(30));

        Assert.Null(_accounts.FindSession(token));
        Assert.Empty(_accounts.Sessions("anna"));
    }

    [Fact]
    public void New_password_ends_all_sessions_but_the_one_in_which_it_was_changed()
    {
        _accounts.Add("anna", "correct horse");
        var (here, hereToken) = _accounts.BeginSession("anna", null);
        var elsewhere = _accounts.BeginSession("anna", null).Token;

        _accounts.SetPassword("anna", "battery staple", here.Id);

        Assert.NotNull(_accounts.FindSession(hereToken));
        Assert.Null(_accounts.FindSession(elsewhere));
    }

    [Fact]
    public void Revoked_key_opens_nothing_from_then_on_in_every_program()
    {
        _accounts.Add("anna");
        var (key, token) = _accounts.AddKey("anna", "editor");
        var server = new AccountStore(_home.Path, _time);
        Assert.NotNull(server.FindKey(token));
        Assert.Equal(_time.GetUtcNow(), server.Keys("anna").Single().LastUsed);

        _accounts.RevokeKey(key.Id);

        Assert.Null(server.FindKey(token));
        Assert.Empty(server.Keys("anna"));
        Assert.NotNull(server.Keys("anna", includesRevoked: true).Single().Revoked);
        Assert.Equal(ErrorKind.NotFound, Assert.Throws<NoosException>(() => _accounts.RevokeKey(key.Id, "bert")).Kind);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("../x")]
    [InlineData("-rf")]
    [InlineData("ANNA")]
    public void Name_that_is_none_or_taken_is_refused(string name)
    {
        _accounts.Add("anna");

        Assert.Equal("name", Assert.Throws<NoosException>(() => _accounts.Add(name)).Parameter);
    }

    [Fact]
    public void Owner_stays_and_has_no_limits()
    {
        _accounts.EnsureOwner("olga");

        Assert.Throws<NoosException>(() => _accounts.Remove("olga"));
        Assert.Throws<NoosException>(() => _accounts.SetLimits("olga", new AccountLimits()));
        Assert.True(_accounts.MayUse("olga", Capability.ReadFiles));
        Assert.False(_accounts.IsGuest("olga"));
    }

    [Fact]
    public void Tokens_of_a_day_are_used_up_until_midnight()
    {
        _accounts.Add("anna", limits: new AccountLimits { TokensPerDay = 100 });
        _accounts.RequireTokens("anna");
        _accounts.Spend("anna", new ProcessUsage(90, 10));

        var refusal = Assert.Throws<NoosException>(() => _accounts.RequireTokens("anna"));
        Assert.Equal((ErrorKind.Busy, TimeSpan.FromHours(4)), (refusal.Kind, refusal.RetryAfter));
        _accounts.RequireTokens("bert");

        _time.Advance(TimeSpan.FromHours(4));
        _accounts.RequireTokens("anna");
        Assert.Equal(0, _accounts.Usage("anna").TokensIn);
    }

    [Fact]
    public async Task Runs_of_processes_count_and_a_forgotten_process_gives_nothing_back()
    {
        _accounts.Add("anna");
        await using var journal = Journal.Open(_home.Path, _time);
        var process = (await journal.AddProcessAsync(
            new ProcessRecord(0, null, "anna", ProcessKind.Conversation) { Program = new ProcessProgram() }, Token)).Id;
        await journal.AppendAsync(
            process, new RunEnded(Message.Assistant("Hi."), "stop", 1, [], new ProcessUsage(12, 3, 0, 5)), Token);
        await journal.DeleteAsync([process], Token);

        Assert.Equal(new AccountUsage(12, 3, 0), _accounts.Usage("anna"));
    }

    [Fact]
    public void Journal_of_the_version_before_accounts_is_copied_and_brought_up_to_date()
    {
        const int Before = 6;
        _accounts.Add("anna");
        using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={_home.File(Journal.FileName)};Pooling=false"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = $"""
                DROP TABLE keys; DROP TABLE sessions; DROP TABLE accounts; DROP TABLE usage; DROP INDEX processes_by_owner;
                DROP TABLE responses;
                PRAGMA user_version = {Before}
                """;
            command.ExecuteNonQuery();
        }

        var (owner, isNew) = new AccountStore(_home.Path).EnsureOwner("olga");

        Assert.True(isNew);
        Assert.Equal("olga", owner.Name);
        Assert.True(File.Exists(_home.File($"noos.db.v{Before}.bak")));
    }

    byte[] ReadAll()
    {
        using var all = new MemoryStream();
        foreach (var path in Directory.EnumerateFiles(_home.Path, "noos.db*"))
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            file.CopyTo(all);
        }

        return all.ToArray();
    }
}
