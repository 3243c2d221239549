using Noos.Core;
using Noos.Inference.Kernels.Panels;
using Noos.Inference.Speech;
using Noos.Inference.Threading;
using Noos.Language.Gguf;
using Noos.Testing;
using Noos.Testing.RandomModels;

namespace Noos.Inference.Tests.Speech;

/// <summary>Whisper as the paper has it, of a tiny random file of whisper.cpp's format.</summary>
public sealed class WhisperModelTests
{
    static readonly int[] s_tokens =
        [RandomWhisperFile.TextTokens, 65, 7, 256, 300, 12, 258, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91];

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public unsafe void Spectrogram_is_that_of_the_equations()
    {
        using var file = new RandomWhisperFile();
        using var team = new ThreadTeam(2);
        using var spectrogram = new LogMelSpectrogram(file.Filters, RandomWhisperFile.Mels, team);
        var samples = Sound();
        const int Frames = 2 * RandomWhisperFile.AudioContext;
        var output = new float[Frames * RandomWhisperFile.Mels];

        fixed (float* start = output)
        {
            spectrogram.Compute(samples, Frames, start);
        }

        var expected = file.Mel(samples, Frames);
        for (var i = 0; i < output.Length; i++)
        {
            Assert.Equal(expected[i / RandomWhisperFile.Mels][i % RandomWhisperFile.Mels], output[i], 0.002);
        }
    }

    [Theory]
    [InlineData(GgufTensorType.F32, 0.9999)]
    [InlineData(GgufTensorType.F16, 0.9999)]
    [InlineData(GgufTensorType.Q8_0, 0.999)]
    [InlineData(GgufTensorType.Q5_1, 0.98)]
    [InlineData(GgufTensorType.Q5_0, 0.98)]
    public void Scores_are_those_of_the_equations(GgufTensorType type, double least)
    {
        using var file = new RandomWhisperFile(type);
        var samples = Sound();
        var expected = file.Logits(file.Mel(samples, 2 * RandomWhisperFile.AudioContext), s_tokens);

        var logits = Logits(file.Path, samples, RandomWhisperFile.AudioContext, threads: 2);

        for (var i = 0; i < s_tokens.Length; i++)
        {
            var cosine = Cosine(expected[i], logits[i]);
            Assert.True(cosine > least, $"after token {i}: {cosine}");
        }
    }

    /// <summary>A shorter context is the model of a shorter window, not a part of the long one.</summary>
    [Fact]
    public void Encoder_can_read_less_than_a_window()
    {
        using var file = new RandomWhisperFile();
        var samples = Sound();
        var expected = file.Logits(file.Mel(samples, 2 * 37), s_tokens);

        // Twice, since what a longer window left behind must not be seen.
        var logits = Logits(file.Path, samples, 37, threads: 2, before: RandomWhisperFile.AudioContext);

        Assert.True(Cosine(expected[^1], logits[^1]) > 0.9999, $"{Cosine(expected[^1], logits[^1])}");
    }

    [Theory]
    [InlineData(GgufTensorType.F32)]
    [InlineData(GgufTensorType.Q5_1)]
    public void Scores_depend_neither_on_threads_nor_on_kernels(GgufTensorType type)
    {
        using var file = new RandomWhisperFile(type);
        var samples = Sound();

        var alone = Logits(file.Path, samples, RandomWhisperFile.AudioContext, threads: 1, tier: KernelTier.Portable);

        Assert.Equal(alone, Logits(file.Path, samples, RandomWhisperFile.AudioContext, threads: 3));
    }

    [Fact]
    public async Task Window_ends_and_has_times_whatever_the_model_says()
    {
        using var file = new RandomWhisperFile(GgufTensorType.Q8_0);
        using var model = WhisperModel.Load(file.Path);

        var window = await model.TranscribeAsync(Sound(), new WhisperOptions { WantsWords = true }, Token);

        Assert.Equal("whisper-random", model.Name);
        Assert.InRange(window.Consumed.TotalSeconds, 0.001, 2);
        Assert.All(window.Segments, segment =>
        {
            Assert.InRange(segment.Start, TimeSpan.Zero, segment.End);
            Assert.InRange(segment.End.TotalSeconds, 0, 2);
            Assert.All(segment.Words, word => Assert.InRange(word.Start, segment.Start, word.End));
        });
        var again = await model.TranscribeAsync(Sound(), new WhisperOptions { WantsWords = true }, Token);
        Assert.Equal(window.Segments.Select(segment => segment.Text), again.Segments.Select(segment => segment.Text));
    }

    [Theory]
    [InlineData("de", false)]
    [InlineData(null, true)]
    [InlineData("Klingon", false)]
    public async Task What_the_model_cannot_do_is_refused(string? language, bool isTranslation)
    {
        using var file = new RandomWhisperFile();
        using var model = WhisperModel.Load(file.Path);

        var refusal = await Assert.ThrowsAsync<NoosException>(() => model.TranscribeAsync(
            Sound(), new WhisperOptions { Language = language, IsTranslation = isTranslation }, Token));

        Assert.Equal(ErrorKind.Invalid, refusal.Kind);
    }

    [Fact]
    public void File_that_is_none_is_refused()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(ErrorKind.NotFound, Assert.Throws<NoosException>(() => WhisperModel.Load(folder.File("none.bin"))).Kind);
        File.WriteAllText(folder.File("text.bin"), "no model");
        Assert.Equal(ErrorKind.Damaged, Assert.Throws<NoosException>(() => WhisperModel.Load(folder.File("text.bin"))).Kind);
        Assert.False(WhisperModel.IsWhisper(folder.File("text.bin")));
    }

    [Fact]
    public void Damaged_file_is_read_or_refused()
    {
        using var random = new RandomWhisperFile();
        using var folder = new TemporaryFolder();
        var original = File.ReadAllBytes(random.Path);
        var dice = new Random(4);
        var header = 48 + 8 + (4 * RandomWhisperFile.Mels * RandomWhisperFile.Bins);
        for (var mutation = 0; mutation < 300; mutation++)
        {
            var file = (byte[])original.Clone();
            for (var change = dice.Next(1, 5); change > 0; change--)
            {
                // The numbers at the beginning, the vocabulary, or descriptions of tensors.
                var at = dice.Next(3) switch { 0 => dice.Next(60), 1 => header + dice.Next(2400), _ => dice.Next(file.Length) };
                file[at] = dice.Next(2) == 0 ? (byte)dice.Next(256) : (byte)(file[at] ^ (1 << dice.Next(8)));
            }

            var path = folder.File("damaged.bin");
            File.WriteAllBytes(path, dice.Next(3) == 0 ? file[..dice.Next(file.Length)] : file);
            try
            {
                WhisperModel.Load(path, new InferenceOptions { Threads = 1 }).Dispose();
            }
            catch (NoosException refusal)
            {
                Assert.EndsWith(".", refusal.Message);
            }
        }
    }

    static float[] Sound()
    {
        var samples = new float[24_000];
        var random = new Random(1);
        for (var i = 0; i < samples.Length; i++)
        {
            samples[i] = (float)((0.3 * Math.Sin(i * 0.05 * (1 + (i / 30_000.0)))) + (0.05 * (random.NextDouble() - 0.5)));
        }

        return samples;
    }

    static unsafe float[][] Logits(
        string path, float[] samples, int frames, int threads, KernelTier tier = KernelTier.Avx512Vnni, int? before = null)
    {
        using var file = WhisperFile.Open(path);
        using var team = new ThreadTeam(threads);
        using var weights = new WhisperWeights(file, tier, team);
        using var mel = new LogMelSpectrogram(file.MelFilters, file.Config.MelCount, team);
        using var encoder = new AudioEncoder(file.Config, weights, team);
        using var decoder = new TextDecoder(file.Config, weights, team);
        using var features = new AudioFeatures(file.Config);
        using var sequence = new TextSequence(file.Config, features);
        foreach (var length in before is { } earlier ? [earlier, frames] : (int[])[frames])
        {
            mel.Compute(samples, 2 * length, encoder.Mel);
            encoder.Encode(length, features);
        }

        // A prompt at once, then token by token.
        const int Prompt = 5;
        decoder.Execute([.. s_tokens[..Prompt].Select(token => new TextRow(sequence, token, WantsLogits: true))]);
        var logits = Enumerable.Range(0, Prompt).Select(row => decoder.LogitsAfter(row).ToArray()).ToList();
        foreach (var token in s_tokens[Prompt..])
        {
            decoder.Execute([new TextRow(sequence, token, WantsLogits: true)]);
            logits.Add(decoder.LogitsAfter(0).ToArray());
        }

        return [.. logits];
    }

    static double Cosine(double[] expected, float[] actual)
    {
        var (product, a, b) = (0d, 0d, 0d);
        for (var i = 0; i < expected.Length; i++)
        {
            product += expected[i] * actual[i];
            a += expected[i] * expected[i];
            b += (double)actual[i] * actual[i];
        }

        return product / Math.Sqrt(a * b);
    }
}
