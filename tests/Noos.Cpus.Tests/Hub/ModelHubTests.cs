using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using Noos.Core;
using Noos.Cpus.Hub;
using Noos.Testing;

namespace Noos.Cpus.Tests.Hub;

public sealed class ModelHubTests : IDisposable
{
    const string File = "Some-Model-Q4_K_M.gguf";

    readonly LoopbackHub _hub = new();
    readonly ReservedPort _unused = new();
    readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 7, 1, 12, 0, 0, TimeSpan.Zero));
    readonly TemporaryFolder _folder = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pull_takes_the_usual_quantization_by_way_of_the_redirect()
    {
        _hub.Files[File] = LoopbackHub.Content(300_000);
        _hub.Files["Some-Model-Q8_0.gguf"] = LoopbackHub.Content(10, 2);
        _hub.Files["mmproj-Q4_K_M.gguf"] = LoopbackHub.Content(10, 3);
        _hub.Files["README.md"] = [1];

        var path = await PullAsync(LoopbackHub.Repository);

        Assert.Equal(Target(File), path);
        Assert.Equal(_hub.Files[File], await ReadAsync(path));
        Assert.Equal([path], Directory.GetFiles(Path.GetDirectoryName(path)!));
    }

    [Theory]
    [InlineData(":q8_0", "b/Some-Q8_0.gguf")]
    [InlineData(":Some-Q8_0", "b/Some-Q8_0.gguf")]
    [InlineData("/b/Some-Q8_0.gguf", "b/Some-Q8_0.gguf")]
    [InlineData(":IQ2_XXS", "Some.i1-IQ2_XXS.gguf")]
    [InlineData(":q4_k_xl", "Some-UD-Q4_K_XL.gguf")]
    [InlineData(":bf16", "Some-BF16.gguf")]
    [InlineData("", "b/Some-Q8_0.gguf")]
    public async Task Pull_finds_the_wanted_file_without_case(string wanted, string expected)
    {
        foreach (var file in (string[])[
            "b/Some-Q8_0.gguf", "Some.i1-IQ2_XXS.gguf", "Some-UD-Q4_K_XL.gguf", "Some-BF16.gguf", "Some-Q3_K_S.gguf"])
        {
            _hub.Files[file] = LoopbackHub.Content(100, file.Length);
        }

        Assert.Equal(Target(expected), await PullAsync(LoopbackHub.Repository + wanted));
    }

    [Fact]
    public async Task Pull_takes_all_files_of_a_split_model_and_goes_on_after_one()
    {
        foreach (var number in (int[])[1, 2, 3])
        {
            _hub.Files[$"q/M-Q8_0-0000{number}-of-00003.gguf"] = LoopbackHub.Content(1000, number);
        }

        _hub.Next(_ => null);
        _hub.Next(_ => new LoopbackHub.Answer(403));
        Assert.NotEqual("", await MistakeAsync(LoopbackHub.Repository));

        var path = await PullAsync(LoopbackHub.Repository);

        Assert.Equal(Target("q/M-Q8_0-00001-of-00003.gguf"), path);
        Assert.All(_hub.Files, file => Assert.Equal(file.Value, System.IO.File.ReadAllBytes(Target(file.Key))));
        Assert.Single(_hub.ToStore, request => request.Path.Contains("00001", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Pull_goes_on_after_a_cut_connection_and_trouble_of_the_server()
    {
        var content = _hub.Files[File] = LoopbackHub.Content(300_000);
        _hub.Next(_ => new LoopbackHub.Answer(200) { Body = content, CutAt = 100_000 });
        _hub.Next(_ => new LoopbackHub.Answer(503));
        _hub.Next(_ => new LoopbackHub.Answer(429) { Headers = { ["Retry-After"] = "0" } });
        var notes = new List<string>();

        await PullAsync(LoopbackHub.Repository, progress => notes.Add(progress.Note ?? ""), Options with { MaxFailures = 4 });

        Assert.Equal(content, await ReadAsync(Target(File)));
        Assert.Equal([null, "bytes=100000-", "bytes=100000-", "bytes=100000-"], _hub.ToStore.Select(request => request["Range"]));
        Assert.Contains(notes, note => note.Contains("was cut", StringComparison.Ordinal));
        Assert.Contains(notes, note => note.Contains("503", StringComparison.Ordinal));
        Assert.Contains(notes, note =>
            note.Contains("429", StringComparison.Ordinal) && note.Contains("again in 0 s", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Pull_goes_on_after_silence()
    {
        var content = _hub.Files[File] = LoopbackHub.Content(3000);
        using var ends = new CancellationTokenSource();
        _hub.Next(_ => new LoopbackHub.Answer(200) { Body = content, CutAt = 1000, Hold = Task.Delay(Timeout.Infinite, ends.Token) });
        var begun = new TaskCompletionSource();
        var notes = new ConcurrentQueue<string>();
        var pull = PullAsync(
            LoopbackHub.Repository,
            progress =>
            {
                notes.Enqueue(progress.Note ?? "");
                begun.TrySetResult();
            },
            Options with { Stall = TimeSpan.FromMinutes(1), MaxFailures = 1000 },
            _time);
        await begun.Task;

        // In small steps, which leave an attempt that is not silent the time it needs.
        await MoveClockUntilAsync(() => pull.IsCompleted, TimeSpan.FromSeconds(1));
        await pull;
        await ends.CancelAsync();

        Assert.Equal(content, await ReadAsync(Target(File)));
        Assert.Contains(notes, note => note.Contains("was cut", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Pull_waits_as_long_as_the_server_asks(bool asDate)
    {
        var content = _hub.Files[File] = LoopbackHub.Content(3000);
        var start = _time.GetUtcNow();
        _hub.Next(_ =>
            new LoopbackHub.Answer(429)
            {
                Headers = { ["Retry-After"] = asDate ? start.AddSeconds(120).ToString("R", CultureInfo.InvariantCulture) : "120" },
            });
        var told = new TaskCompletionSource<string>();
        var pull = PullAsync(
            LoopbackHub.Repository, progress =>
                told.TrySetResult(progress.Note ?? ""), Options with { Stall = TimeSpan.FromDays(1) }, _time);

        Assert.Contains("trying again in 120 s", await told.Task, StringComparison.Ordinal);
        await MoveClockUntilAsync(() => _hub.ToStore.Count() > 1, TimeSpan.FromSeconds(1));
        await pull;

        Assert.InRange(_time.GetUtcNow() - start, TimeSpan.FromSeconds(120), TimeSpan.MaxValue);
        Assert.Equal(content, await ReadAsync(Target(File)));
    }

    [Fact]
    public async Task Pull_doubles_its_waits_until_it_gives_up()
    {
        _hub.Files[File] = LoopbackHub.Content(3000);
        for (var i = 0; i < 6; i++)
        {
            _hub.Next(_ => new LoopbackHub.Answer(503));
        }

        var waits = new ConcurrentQueue<int>();
        var options = Options with
        {
            FirstRetryDelay = TimeSpan.FromSeconds(100),
            MaxRetryDelay = TimeSpan.FromDays(1),
            MaxFailures = 5,
            Stall = TimeSpan.FromDays(9),
        };
        var pull = PullAsync(
            LoopbackHub.Repository,
            progress => waits.Enqueue(
                int.Parse(progress.Note!.Split(' ')[^2], NumberStyles.AllowThousands, CultureInfo.InvariantCulture)),
            options,
            _time);
        await MoveClockUntilAsync(() => pull.IsCompleted, TimeSpan.FromSeconds(50));

        Assert.Equal(ErrorKind.Unavailable, (await Assert.ThrowsAsync<NoosException>(() => pull)).Kind);
        Assert.Equal(4, waits.Count);
        Assert.All(waits.Index(), wait => Assert.InRange(wait.Item, 75 << wait.Index, (125 << wait.Index) + 1));
    }

    [Fact]
    public async Task Failures_have_the_kind_that_programs_go_by()
    {
        _hub.Files["A-Q2_K.gguf"] = LoopbackHub.Content(2000);
        _hub.Files["A-Q3_K_M.gguf"] = LoopbackHub.Content(3000);

        Assert.Equal(ErrorKind.NotFound, await KindAsync("nobody/nothing"));
        Assert.Equal(ErrorKind.Refused, await KindAsync("nobody/nothing", Options with { Token = "x" }));
        Assert.Equal(ErrorKind.Invalid, await KindAsync(LoopbackHub.Repository));
        Assert.Equal(ErrorKind.NotFound, await KindAsync(LoopbackHub.Repository + ":Q9"));
        Assert.Equal(ErrorKind.NotFound, await KindAsync(new Uri(_hub.StoreAddress, "none.gguf").ToString()));
        Assert.Equal(ErrorKind.Unavailable, await KindAsync(LoopbackHub.Repository, Options with { Endpoint = new Uri(Unused()) }));
        _hub.Next(_ => new LoopbackHub.Answer(429) { Headers = { ["Retry-After"] = "3600" } });
        Assert.Equal(ErrorKind.Busy, await KindAsync(LoopbackHub.Repository + ":Q2_K"));
        _hub.ClaimedChecksums["A-Q3_K_M.gguf"] = new string('0', 64);
        Assert.Equal(ErrorKind.Damaged, await KindAsync(LoopbackHub.Repository + ":Q3_K_M"));
        _hub.ClaimedSizes["A-Q2_K.gguf"] = 1L << 60;
        Assert.Equal(ErrorKind.OutOfMemory, await KindAsync(LoopbackHub.Repository + ":Q2_K"));
        _hub.IsGated = true;
        Assert.Equal(ErrorKind.Refused, await KindAsync(LoopbackHub.Repository));
    }

    [Fact]
    public async Task Pull_goes_on_where_an_earlier_one_gave_up()
    {
        var content = _hub.Files[File] = LoopbackHub.Content(300_000);
        await GiveUpAtAsync(content, 200_000);

        await PullAsync(LoopbackHub.Repository);

        Assert.Equal(content, await ReadAsync(Target(File)));
        Assert.Equal("bytes=200000-", _hub.ToStore.Last()["Range"]);
        Assert.Equal([Target(File)], Directory.GetFiles(Path.GetDirectoryName(Target(File))!));
    }

    [Fact]
    public async Task Pull_starts_anew_when_the_file_has_changed_since()
    {
        var old = _hub.Files[File] = LoopbackHub.Content(300_000);
        await GiveUpAtAsync(old, 200_000);
        _hub.Files[File] = LoopbackHub.Content(300_000, seed: 9);

        await PullAsync(LoopbackHub.Repository);

        Assert.Null(_hub.ToStore.Last()["Range"]);
        Assert.Equal(_hub.Files[File], await ReadAsync(Target(File)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Pull_of_an_address_goes_on_only_with_the_tag_of_the_beginning(bool hasTags)
    {
        _hub.HasTags = hasTags;
        var old = _hub.Files[File] = LoopbackHub.Content(300_000);
        var address = new Uri(_hub.StoreAddress, File).ToString();
        await GiveUpAtAsync(old, 200_000, address, cutAnswer =>
            hasTags ? cutAnswer with { Headers = new(cutAnswer.Headers) { ["ETag"] = "\"old\"" } } : cutAnswer);
        _hub.Files[File] = LoopbackHub.Content(310_000, seed: 9);

        var path = await PullAsync(address);

        Assert.Equal(Path.Combine(_folder.Path, "127.0.0.1", File), path);
        Assert.Equal(_hub.Files[File], await ReadAsync(path));
        Assert.Equal(hasTags ? "\"old\"" : null, _hub.ToStore.Last()["If-Range"]);
    }

    [Fact]
    public async Task Pull_of_an_address_goes_on_when_the_tag_is_the_same()
    {
        var content = _hub.Files[File] = LoopbackHub.Content(300_000);
        var address = new Uri(_hub.StoreAddress, File).ToString();
        _hub.Next(_ => null);
        await PullAsync(address);
        var tag = $"\"{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content))[..16]}\"";
        System.IO.File.Delete(Path.Combine(_folder.Path, "127.0.0.1", File));
        await GiveUpAtAsync(content, 200_000, address, cut => cut with { Headers = new(cut.Headers) { ["ETag"] = tag } });

        var path = await PullAsync(address);

        Assert.Equal(content, await ReadAsync(path));
        Assert.Equal(("bytes=200000-", tag), (_hub.ToStore.Last()["Range"], _hub.ToStore.Last()["If-Range"]));
    }

    [Fact]
    public async Task Pull_deletes_what_has_the_wrong_checksum()
    {
        _hub.Files[File] = LoopbackHub.Content(1000);
        _hub.ClaimedChecksums[File] = new string('0', 64);

        Assert.Contains("checksum is wrong", await MistakeAsync(LoopbackHub.Repository));
        Assert.Empty(Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Pull_survives_a_damaged_state_and_a_part_that_is_too_long()
    {
        var content = _hub.Files[File] = LoopbackHub.Content(1000);
        Directory.CreateDirectory(Path.GetDirectoryName(Target(File))!);
        await System.IO.File.WriteAllBytesAsync(Target(File) + ".part", new byte[5000], Cancellation);
        await System.IO.File.WriteAllTextAsync(Target(File) + ".part.json", "{\"Sha256\": 7", Cancellation);

        await PullAsync(LoopbackHub.Repository);

        Assert.Equal(content, await ReadAsync(Target(File)));
    }

    [Fact]
    public async Task Pull_again_downloads_nothing_but_replaces_what_is_damaged()
    {
        var content = _hub.Files[File] = LoopbackHub.Content(1000);
        await PullAsync(LoopbackHub.Repository);
        await PullAsync(LoopbackHub.Repository);
        Assert.Single(_hub.ToStore);

        await System.IO.File.WriteAllBytesAsync(Target(File), LoopbackHub.Content(1000, 5), Cancellation);
        await PullAsync(LoopbackHub.Repository);

        Assert.Equal(content, await ReadAsync(Target(File)));
    }

    [Fact]
    public async Task Token_opens_the_repository_and_never_reaches_another_host()
    {
        _hub.Files[File] = LoopbackHub.Content(1000);
        _hub.IsGated = true;
        Assert.Contains("agree at", await MistakeAsync(LoopbackHub.Repository));

        await PullAsync(LoopbackHub.Repository, options: Options with { Token = LoopbackHub.Token });

        Assert.NotEmpty(_hub.ToStore);
        Assert.All(_hub.ToStore, request => Assert.Null(request["Authorization"]));
    }

    [Fact]
    public async Task Failures_say_what_to_do()
    {
        _hub.Files["A-Q2_K.gguf"] = LoopbackHub.Content(2000);
        _hub.Files["A-Q3_K_M.gguf"] = LoopbackHub.Content(3000);

        Assert.Contains("There is no repository 'nobody/nothing'", await MistakeAsync("nobody/nothing"));
        Assert.Contains("HF_TOKEN does not open it", await MistakeAsync("nobody/nothing", Options with { Token = "x" }));
        Assert.Contains("choose one as", await MistakeAsync(LoopbackHub.Repository));
        Assert.Contains("choose one of: Q2_K (2 KiB), Q3_K_M (3 KiB)", await MistakeAsync(LoopbackHub.Repository + ":Q9"));
        Assert.Contains("check the address", await MistakeAsync(new Uri(_hub.StoreAddress, "none.gguf").ToString()));
        Assert.Contains(
            "check the internet connection", await MistakeAsync(LoopbackHub.Repository, Options with { Endpoint = new Uri(Unused()) }));

        for (var i = 0; i < 3; i++)
        {
            _hub.Next(_ => new LoopbackHub.Answer(500));
        }

        Assert.Contains("also after 3 attempts; try again", await MistakeAsync(LoopbackHub.Repository + ":Q2_K"));
        _hub.Next(_ => new LoopbackHub.Answer(429) { Headers = { ["Retry-After"] = "3600" } });
        Assert.Contains("come back in 60 minutes", await MistakeAsync(LoopbackHub.Repository + ":Q2_K"));
        _hub.ClaimedSizes["A-Q2_K.gguf"] = 1L << 60;
        Assert.Contains("free some space", await MistakeAsync(LoopbackHub.Repository + ":Q2_K"));
    }

    [Fact]
    public async Task Server_that_always_cuts_at_the_same_place_and_knows_no_ranges_is_given_up()
    {
        var content = _hub.Files[File] = LoopbackHub.Content(3000);
        for (var i = 0; i < 20; i++)
        {
            _hub.Next(_ => new LoopbackHub.Answer(200) { Body = content, CutAt = 1000 });
        }

        Assert.Contains("was cut at 1 KiB, also after 3 attempts", await MistakeAsync(LoopbackHub.Repository));
    }

    [Fact]
    public async Task More_bytes_than_announced_are_refused()
    {
        _hub.Files[File] = LoopbackHub.Content(3000);
        _hub.ClaimedSizes[File] = 1000;

        Assert.Contains("sends more", await MistakeAsync(LoopbackHub.Repository));
    }

    [Fact]
    public async Task Web_page_in_place_of_a_model_is_refused()
    {
        _hub.Files[File] = LoopbackHub.Content(1000);
        _hub.Next(_ =>
            new LoopbackHub.Answer(200) { Body = "<html>"u8.ToArray(), Headers = { ["Content-Type"] = "text/html; charset=utf-8" } });
        _hub.Next(_ => new LoopbackHub.Answer(200) { Body = "<html>"u8.ToArray() });
        var address = new Uri(_hub.StoreAddress, File).ToString();

        Assert.Contains("is a web page", await MistakeAsync(address));
        Assert.Contains("is no GGUF model", await MistakeAsync(address));
    }

    [Fact]
    public async Task Paths_of_the_hub_stay_in_the_folder()
    {
        _hub.Files["../../escape-Q4_K_M.gguf"] = LoopbackHub.Content(1000);
        _hub.Files["/escape-Q4_K_M.gguf"] = LoopbackHub.Content(1000);

        Assert.Contains("has no GGUF models", await MistakeAsync(LoopbackHub.Repository));
    }

    [Fact]
    public async Task Second_pull_at_the_same_time_is_refused()
    {
        var content = _hub.Files[File] = LoopbackHub.Content(3000);
        var begun = new TaskCompletionSource();
        var ends = new TaskCompletionSource();
        _hub.Next(_ => new LoopbackHub.Answer(200) { Body = content, CutAt = 1000, Hold = ends.Task });

        var first = PullAsync(LoopbackHub.Repository, progress => begun.TrySetResult());
        await begun.Task;
        Assert.Contains("is in use", await MistakeAsync(LoopbackHub.Repository));
        ends.SetResult();

        Assert.Equal(content, await ReadAsync(await first));
    }

    [Theory]
    [InlineData("model")]
    [InlineData("../x")]
    [InlineData("a/..")]
    [InlineData("a/b/../../c.gguf")]
    [InlineData("a/b:")]
    [InlineData("a/b:../../c")]
    [InlineData("https://")]
    [InlineData("https://example.org/model.bin")]
    [InlineData("https://example.org/..%2F..%2Fx.gguf/")]
    [InlineData("https://huggingface.co/a/b/blob/main")]
    [InlineData("")]
    public void Reference_that_names_nothing_is_refused(string text) =>
        Assert.Throws<NoosException>(() => ModelReference.Parse(text, _hub.Endpoint));

    [Theory]
    [InlineData("hf.co/a/b:Q4_0", "main", "Q4_0")]
    [InlineData("https://huggingface.co/a/b", "main", null)]
    [InlineData("https://huggingface.co/a/b/tree/v2", "v2", null)]
    [InlineData("https://huggingface.co/a/b/resolve/main/c/d%20e.gguf?download=true", "main", "c/d e.gguf")]
    public void Reference_understands_what_the_hub_shows(string text, string revision, string? wanted)
    {
        var reference = ModelReference.Parse(text, _hub.Endpoint);

        Assert.Equal(("a/b", revision, wanted), (reference.Repository, reference.Revision, reference.Wanted));
    }

    [Fact]
    public void Damaged_listing_is_a_sentence_and_never_names_a_path_outside()
    {
        var listing = System.Text.Encoding.UTF8.GetBytes(
            $$$"""
            {"sha":"0a1b","siblings":[
             {"rfilename":"a/M-Q4_K_M-00001-of-00002.gguf","size":7,"lfs":{"sha256":"{{{new string('a', 64)}}}","size":7}},
             {"rfilename":"a/M-Q4_K_M-00002-of-00002.gguf"},{"rfilename":"..\/x.gguf","lfs":null}]}
            """);
        Assert.Equal(2, HubRepository.Parse(listing, _hub.Endpoint, "a/b", "main").Count);
        var random = new Random(7);
        for (var i = 0; i < 10_000; i++)
        {
            var text = (byte[])listing.Clone();
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                text[random.Next(text.Length)] = (byte)random.Next(256);
            }

            try
            {
                var files = HubRepository.Parse(text[..random.Next(text.Length / 2, text.Length + 1)], _hub.Endpoint, "a/b", "main");
                ModelVariant.Group(files);
                Assert.All(files, file => Assert.StartsWith("/base/", Path.GetFullPath(file.Path, "/base"), StringComparison.Ordinal));
            }
            catch (NoosException)
            {
                // As it should be.
            }
        }
    }

    [Theory]
    [InlineData("A-Q4_K_M.gguf", "B-Q4_K_M.gguf", "A-Q8_0.gguf")]
    [InlineData("A-Q2_K.gguf", "A-Q3_K_S.gguf", "A-Q8_0-00001-of-00002.gguf")]
    public void Choice_is_left_to_the_user_where_it_is_not_clear(params string[] files)
    {
        var variants = ModelVariant.Group(files.Select(file => new HubFile(file, _hub.Endpoint, 1, null)));

        Assert.Contains("choose one as a/b:NAME", Assert.Throws<NoosException>(() => ModelVariant.Choose(variants, "a/b", null)).Message);
    }

    [Fact]
    public async Task Ear_is_pulled_by_its_name()
    {
        _hub.Files["ggml-base.en-q5_1.bin"] = [.. "lmgg"u8, 1, 2, 3];
        _hub.Files["ggml-base-q5_1.bin"] = [.. "lmgg"u8, 4];
        _hub.Files["ggml-large.bin"] = [.. "<htm"u8, 5];

        Assert.Equal(Target("ggml-base.en-q5_1.bin"), await PullAsync(LoopbackHub.Repository + ":base.en-q5_1"));
        Assert.Equal(Target("ggml-base-q5_1.bin"), await PullAsync(LoopbackHub.Repository));
        Assert.Contains(
            "is no ear in whisper.cpp's format", await MistakeAsync(LoopbackHub.Repository + ":large"), StringComparison.Ordinal);
        Assert.Contains("no ear 'tiny'; choose one as", await MistakeAsync(LoopbackHub.Repository + ":tiny"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Voice_is_pulled_with_its_settings()
    {
        foreach (var name in (string[])["en/en_US/joe/medium/en_US-joe-medium", "de/de_DE/eva/x_low/de_DE-eva-x_low"])
        {
            _hub.Files[name + ".onnx"] = [8, 7, 1, 2, 3];
            _hub.Files[name + ".onnx.json"] = [.. "{}"u8];
        }

        _hub.Files["other.onnx"] = [8, 7];

        var path = await PullAsync(LoopbackHub.Repository + ":en_us-joe-medium");

        Assert.Equal(Target("en/en_US/joe/medium/en_US-joe-medium.onnx"), path);
        Assert.Equal(_hub.Files["en/en_US/joe/medium/en_US-joe-medium.onnx.json"], await ReadAsync(path + ".json"));
        Assert.Contains(
            "has 2 voices; choose one as owner/Some-Model-GGUF:NAME with NAME one of: de_DE-eva-x_low, en_US-joe-medium",
            await MistakeAsync(LoopbackHub.Repository), StringComparison.Ordinal);
        Assert.Contains(
            "did you mean en_US-joe-medium", await MistakeAsync(LoopbackHub.Repository + ":en_US-jo-medium"), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _hub.Dispose();
        _unused.Dispose();
        _folder.Dispose();
    }

    HubOptions Options => new()
    {
        Endpoint = _hub.Endpoint,
        PrivateHosts = [_hub.StoreAddress.Authority],
        FirstRetryDelay = TimeSpan.FromMilliseconds(1),
        MaxFailures = 3,
    };

    string Target(string file) => Path.Combine(_folder.Path, LoopbackHub.Repository, file);

    static Task<byte[]> ReadAsync(string path) => System.IO.File.ReadAllBytesAsync(path, Cancellation);

    async Task<string> PullAsync(
        string what, Action<DownloadProgress>? progress = null, HubOptions? options = null, TimeProvider? time = null)
    {
        var hub = new ModelHub(options ?? Options, time);
        return await hub.PullAsync(ModelReference.Parse(what, (options ?? Options).Endpoint), _folder.Path, progress, Cancellation);
    }

    async Task<string> MistakeAsync(string what, HubOptions? options = null) =>
        (await Assert.ThrowsAsync<NoosException>(() => PullAsync(what, options: options))).Message;

    async Task<ErrorKind> KindAsync(string what, HubOptions? options = null) =>
        (await Assert.ThrowsAsync<NoosException>(() => PullAsync(what, options: options))).Kind;

    /// <summary>Lets time pass, also for waits that begin in between.</summary>
    async Task MoveClockUntilAsync(Func<bool> isReached, TimeSpan step)
    {
        while (!isReached())
        {
            _time.Advance(step);
            await Task.Delay(5, Cancellation);
        }
    }

    /// <summary>A pull that gets a beginning and then only trouble.</summary>
    async Task GiveUpAtAsync(
        byte[] content, int length, string what = LoopbackHub.Repository, Func<LoopbackHub.Answer, LoopbackHub.Answer>? change = null)
    {
        var cut = new LoopbackHub.Answer(200) { Body = content, CutAt = length };
        _hub.Next(_ => change is null ? cut : change(cut));
        _hub.Next(_ => new LoopbackHub.Answer(503));
        _hub.Next(_ => new LoopbackHub.Answer(503));
        Assert.Contains("try again", await MistakeAsync(what));
    }

    string Unused() => $"http://127.0.0.1:{_unused.Number}/";
}
