using Noos.Inference.Encoders;
using Noos.Inference.Kernels;
using Noos.Inference.Kernels.Panels;
using Noos.Inference.Threading;

namespace Noos.Inference.Speech;

/// <summary>
/// Whisper's decoder: tokens, of one sequence or of several, to the scores of those that may follow. One pass at a time; not thread-safe.
/// </summary>
sealed unsafe class TextDecoder : IDisposable
{
    /// <summary>Max tokens of a pass.</summary>
    public const int MaxRows = 16;

    // Of the output matrix, which has more than a thousand.
    const int PanelsPerUnit = 16;

    readonly WhisperConfig _config;
    readonly WhisperWeights _weights;
    readonly ThreadTeam _team;
    readonly Action<int> _run;
    readonly PanelScratch[] _scratch;
    readonly NativeBuffer<float>[] _scores;
    readonly Activations _residual;
    readonly Activations _normed;
    readonly Activations _queries;
    readonly Activations _keys;
    readonly Activations _values;
    readonly Activations _attended;
    readonly Activations _hidden;
    readonly NativeBuffer<float> _logits = new();
    readonly int _logitStride;
    readonly TextRow[] _rows = new TextRow[MaxRows];
    readonly int[] _positions = new int[MaxRows];
    readonly int[] _wanted = new int[MaxRows];
    int _count;
    int _wantedCount;
    AttentionWatch? _watch;

    public TextDecoder(WhisperConfig config, WhisperWeights weights, ThreadTeam team)
    {
        (_config, _weights, _team, _run) = (config, weights, team, Run);
        _residual = new Activations(MaxRows, config.Width);
        _normed = new Activations(MaxRows, config.Width);
        _queries = new Activations(MaxRows, config.Width);
        _keys = new Activations(MaxRows, config.Width);
        _values = new Activations(MaxRows, config.Width);
        _attended = new Activations(MaxRows, config.Width);
        _hidden = new Activations(MaxRows, config.HiddenWidth);
        _logitStride = Panel.Count(config.VocabularySize) * Panel.Rows;
        _logits.Reserve((long)MaxRows * _logitStride);
        _scratch = [.. Enumerable.Range(0, team.Size).Select(_ => new PanelScratch())];
        _scores = [.. Enumerable.Range(0, team.Size).Select(_ => new NativeBuffer<float>())];
        Array.ForEach(_scores, scores => scores.Reserve(Panel.Count(Math.Max(config.AudioContext, config.TextContext)) * Panel.Rows));
    }

    /// <summary>Appends tokens to their sequences; those of one sequence in order.</summary>
    /// <param name="rows">At most <see cref="MaxRows"/>; the sequences must have room for them.</param>
    /// <param name="watch">Is shown the weights of the cross-attention; null for nobody.</param>
    public void Execute(ReadOnlySpan<TextRow> rows, AttentionWatch? watch = null)
    {
        rows.CopyTo(_rows);
        (_count, _wantedCount, _watch) = (rows.Length, 0, watch);
        for (var row = 0; row < rows.Length; row++)
        {
            _positions[row] = rows[row].Sequence.Length++;
            if (rows[row].WantsLogits)
            {
                _wanted[_wantedCount++] = row;
            }
        }

        _team.Run(_run);
    }

    /// <summary>
    /// The scores after the index-th row that wanted them, one per token of the vocabulary; valid until the next pass, and may be changed.
    /// </summary>
    public Span<float> LogitsAfter(int index) => new(_logits.Start + ((long)index * _logitStride), _config.VocabularySize);

    public void Dispose()
    {
        foreach (var buffer in (ReadOnlySpan<Activations>)[_residual, _normed, _queries, _keys, _values, _attended, _hidden])
        {
            buffer.Dispose();
        }

        _logits.Dispose();
        Array.ForEach(_scratch, scratch => scratch.Dispose());
        Array.ForEach(_scores, scores => scores.Dispose());
    }

    void Run(int member)
    {
        if (_team.EnterSerial(member))
        {
            Embed();
            Normalize(_weights.TextBlocks[0].AttentionNorm, _weights.TextBlocks[0].Attention.Query);
            _team.LeaveSerial(member);
        }

        for (var block = 0; block < _weights.TextBlocks.Length; block++)
        {
            var weights = _weights.TextBlocks[block];
            AttendTokens(member, block, weights);
            AttendAudio(member, block, weights);
            FeedForward(member, weights);
            if (_team.EnterSerial(member))
            {
                if (block + 1 < _weights.TextBlocks.Length)
                {
                    var next = _weights.TextBlocks[block + 1];
                    Normalize(next.AttentionNorm, next.Attention.Query);
                }
                else
                {
                    NormalizeWanted();
                }

                _team.LeaveSerial(member);
            }
        }

        var units = _wantedCount == 0 ? 0 : (_weights.Output.PanelCount + PanelsPerUnit - 1) / PanelsPerUnit;
        while (_team.TryTake(member, units, out var unit))
        {
            var first = unit * PanelsPerUnit;
            _weights.Output.Multiply(
                first, Math.Min(first + PanelsPerUnit, _weights.Output.PanelCount), _normed.View, _wantedCount, _logits.Start, _logitStride,
                accumulate: false, _scratch[member]);
        }
    }

    void Embed()
    {
        for (var row = 0; row < _count; row++)
        {
            var state = _residual.Row(row);
            _weights.Embed(_rows[row].Token, state);
            VectorMath.Add(_weights.TextPositions + ((long)_positions[row] * _config.Width), state, _config.Width);
        }
    }

    void AttendTokens(int member, int block, TextBlock weights)
    {
        var attention = weights.Attention;
        var panels = attention.Query.Matrix.PanelCount;
        while (_team.TryTake(member, 3 * panels, out var unit))
        {
            var (layer, output) = (unit / panels) switch
            {
                0 => (attention.Query, _queries),
                1 => (attention.Key, _keys),
                _ => (attention.Value, _values),
            };
            Multiply(member, layer, unit % panels, _normed, output, accumulate: false);
        }

        _team.EndPhase(member);
        while (_team.TryTake(member, _config.TextHeadCount, out var head))
        {
            var offset = head * _config.TextHeadLength;
            for (var row = 0; row < _count; row++)
            {
                // In order: a token of the same sequence is seen by those behind it.
                _rows[row].Sequence.Attend(
                    block, head, _positions[row], _queries.Row(row) + offset, _keys.Row(row) + offset, _values.Row(row) + offset,
                    _attended.Row(row) + offset, _scores[member].Start);
            }
        }

        Project(member, attention.Output, _attended);
        if (_team.EnterSerial(member))
        {
            Normalize(weights.CrossNorm, weights.Cross.Query);
            _team.LeaveSerial(member);
        }
    }

    void AttendAudio(int member, int block, TextBlock weights)
    {
        var cross = weights.Cross;
        while (_team.TryTake(member, cross.Query.Matrix.PanelCount, out var panel))
        {
            Multiply(member, cross.Query, panel, _normed, _queries, accumulate: false);
        }

        _team.EndPhase(member);
        while (_team.TryTake(member, _config.TextHeadCount * _count, out var unit))
        {
            var (head, row) = Math.DivRem(unit, _count);
            var offset = head * _config.TextHeadLength;
            var features = _rows[row].Sequence.Features;
            var scores = _scores[member].Start;
            features.Attend(block, head, _queries.Row(row) + offset, _attended.Row(row) + offset, scores);
            _watch?.Observe(block, head, _positions[row], new ReadOnlySpan<float>(scores, features.Frames));
        }

        Project(member, cross.Output, _attended);
        if (_team.EnterSerial(member))
        {
            Normalize(weights.HiddenNorm, weights.Up);
            _team.LeaveSerial(member);
        }
    }

    void FeedForward(int member, TextBlock weights)
    {
        while (_team.TryTake(member, weights.Up.Matrix.PanelCount, out var panel))
        {
            Multiply(member, weights.Up, panel, _normed, _hidden, accumulate: false);
            for (var row = 0; row < _count; row++)
            {
                Gelu.Execute(_hidden.Row(row) + (panel * Panel.Rows), Panel.Rows);
            }
        }

        Project(member, weights.Down, _hidden);
    }

    /// <summary>Ends the phase before and adds a product to the residual stream.</summary>
    void Project(int member, LinearLayer layer, Activations input)
    {
        if (_team.EnterSerial(member))
        {
            Quantize(layer, input, _count);
            _team.LeaveSerial(member);
        }

        while (_team.TryTake(member, layer.Matrix.PanelCount, out var panel))
        {
            Multiply(member, layer, panel, input, _residual, accumulate: true);
        }
    }

    void Multiply(int member, LinearLayer layer, int panel, Activations input, Activations output, bool accumulate)
    {
        layer.Matrix.Multiply(panel, panel + 1, input.View, _count, output.Row(0), output.Stride, accumulate, _scratch[member]);
        var first = panel * Panel.Rows;
        for (var row = 0; row < _count && layer.Bias is not null; row++)
        {
            VectorMath.Add(layer.Bias + first, output.Row(row) + first, Math.Min(Panel.Rows, layer.Matrix.Rows - first));
        }
    }

    void Normalize(NormWeights norm, LinearLayer consumer)
    {
        for (var row = 0; row < _count; row++)
        {
            LayerNorm.Execute(
                _residual.Row(row), norm.Weight, norm.Bias, _normed.Row(row), _config.Width, WhisperConfig.NormEpsilon);
        }

        Quantize(consumer, _normed, _count);
    }

    void NormalizeWanted()
    {
        var norm = _weights.TextNorm;
        for (var i = 0; i < _wantedCount; i++)
        {
            LayerNorm.Execute(
                _residual.Row(_wanted[i]), norm.Weight, norm.Bias, _normed.Row(i), _config.Width, WhisperConfig.NormEpsilon);
            if (_weights.Output.QuantizesActivations)
            {
                _normed.Quantize(i);
            }
        }
    }

    static void Quantize(LinearLayer consumer, Activations activations, int count)
    {
        for (var row = 0; row < count && consumer.Matrix.QuantizesActivations; row++)
        {
            activations.Quantize(row);
        }
    }
}
