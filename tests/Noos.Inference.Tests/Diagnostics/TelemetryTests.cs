using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Noos.Core;
using Noos.Inference.Generation;
using Noos.Inference.Sampling;
using Noos.Inference.Tests.Support;
using Noos.Language.Gguf;

namespace Noos.Inference.Tests.Diagnostics;

/// <summary>What an operator sees of the engine. Other tests run at the same time, so counters are only known from below.</summary>
public sealed class TelemetryTests
{
    [Fact]
    public void Generation_counts_its_tokens_and_passes()
    {
        var sums = new ConcurrentDictionary<string, double>(StringComparer.Ordinal);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == "Noos.Inference")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
            sums.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value));
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) =>
            sums.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value));
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) =>
            sums.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value));
        listener.Start();
        using var file = new RandomModel(RandomModel.TinyShape, GgufTensorType.F32);
        using var model = file.Load();
        using var context = model.CreateContext();

        var generated = new Generator().Generate(
            context, [0, 40, 50, 60], new SamplingOptions { MaxTokens = 8 }, cancellationToken: TestContext.Current.CancellationToken)
                .Count();
        listener.RecordObservableInstruments();

        Assert.True(sums["noos.inference.prompt_tokens"] >= 4);
        Assert.True(sums["noos.inference.generated_tokens"] >= generated);
        Assert.True(sums["noos.inference.batch.tokens"] >= 4 + generated - 1);
        Assert.True(sums["noos.inference.batch.sequences"] >= generated);
        Assert.True(sums["noos.inference.batch.duration"] > 0);
        Assert.True(sums["noos.inference.kv_pages"] >= 1);
    }

    [Fact]
    public void Loading_and_files_of_keys_and_values_are_logged()
    {
        var path = Path.Combine(Path.GetTempPath(), $"noos-{Guid.NewGuid():N}.kv");
        using var log = new RecordingLog();
        using var file = new RandomModel(RandomModel.TinyShape, GgufTensorType.F32);
        try
        {
            using var model = LanguageModel.Load(file.Path, TestOptions.Default with { Threads = 2, LoggerFactory = log });
            using (var context = model.CreateContext())
            {
                context.Append([.. Enumerable.Range(40, 40)]);
            }

            model.SaveKeyValues(path);
            model.RestoreKeyValues(path);
            File.WriteAllBytes(path, [1, 2, 3]);
            var refusal = Assert.Throws<NoosException>(() => model.RestoreKeyValues(path));

            Assert.Equal(ErrorKind.Damaged, refusal.Kind);
            Assert.Equal([LogLevel.Information, LogLevel.Information, LogLevel.Information, LogLevel.Warning],
                log.Entries.Select(entry => entry.Level));
            Assert.Contains("2 threads", log.Entries[0].Text, StringComparison.Ordinal);
            Assert.Contains("40 tokens", log.Entries[1].Text, StringComparison.Ordinal);
            Assert.Contains("40 tokens", log.Entries[2].Text, StringComparison.Ordinal);
            Assert.Contains(refusal.Message, log.Entries[3].Text, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    sealed class RecordingLog : ILoggerFactory, ILogger
    {
        public List<(LogLevel Level, string Text)> Entries { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Entries.Add((logLevel, formatter(state, exception)));

        public void Dispose()
        {
        }
    }
}
