using Noos.Language.Models;

namespace Noos.Inference.Tests.Support;

/// <summary>An independent forward pass of the qwen3 decoder: plain loops, double precision, no cache.</summary>
sealed class DoublePrecisionOracle(TransformerConfig config, Func<string, float[]> tensor)
{
    /// <summary>The logits after the last token.</summary>
    public double[] Logits(int[] tokens)
    {
        var embedding = tensor(TensorNames.TokenEmbedding);
        var width = config.EmbeddingLength;
        var states = Array.ConvertAll(tokens, token =>
            Array.ConvertAll(embedding[(token * width)..((token + 1) * width)], value => (double)value));
        for (var block = 0; block < config.BlockCount; block++)
        {
            var attended = Attend(block, Array.ConvertAll(states, state => Norm(state, tensor(TensorNames.AttentionNorm(block)))));
            for (var position = 0; position < tokens.Length; position++)
            {
                Add(states[position], Multiply(tensor(TensorNames.AttentionOutput(block)), attended[position]));
                var normed = Norm(states[position], tensor(TensorNames.FeedForwardNorm(block)));
                var gate = Multiply(tensor(TensorNames.Gate(block)), normed);
                var up = Multiply(tensor(TensorNames.Up(block)), normed);
                for (var i = 0; i < gate.Length; i++)
                {
                    gate[i] *= up[i] / (1 + Math.Exp(-gate[i]));
                }

                Add(states[position], Multiply(tensor(TensorNames.Down(block)), gate));
            }
        }

        return Multiply(
            config.TiedEmbeddings ? embedding : tensor(TensorNames.Output),
            Norm(states[^1], tensor(TensorNames.OutputNorm)));
    }

    double[][] Attend(int block, double[][] normed)
    {
        var queries = Array.ConvertAll(normed, state => Multiply(tensor(TensorNames.Query(block)), state));
        var keys = Array.ConvertAll(normed, state => Multiply(tensor(TensorNames.Key(block)), state));
        var values = Array.ConvertAll(normed, state => Multiply(tensor(TensorNames.Value(block)), state));
        var length = config.HeadLength;
        var group = config.HeadCount / config.KeyValueHeadCount;
        var outputs = Array.ConvertAll(normed, _ => new double[config.QueryLength]);
        for (var head = 0; head < config.HeadCount; head++)
        {
            var shared = head / group;
            var turnedKeys = keys.Select((key, position) =>
                Turn(Norm(key[(shared * length)..((shared + 1) * length)], tensor(TensorNames.KeyNorm(block))), position)).ToArray();
            for (var position = 0; position < normed.Length; position++)
            {
                var query = Turn(
                    Norm(queries[position][(head * length)..((head + 1) * length)], tensor(TensorNames.QueryNorm(block))), position);
                var weights = turnedKeys[..(position + 1)]
                    .Select(key => Math.Exp(key.Zip(query, (a, b) => a * b).Sum() / Math.Sqrt(length)))
                    .ToArray();
                var total = weights.Sum();
                for (var i = 0; i < length; i++)
                {
                    outputs[position][(head * length) + i] = weights.Select((weight, past) =>
                        weight / total * values[past][(shared * length) + i]).Sum();
                }
            }
        }

        return outputs;
    }

    double[] Norm(double[] values, float[] weight)
    {
        var scale = 1 / Math.Sqrt(values.Average(value => value * value) + config.NormEpsilon);
        return values.Zip(weight, (value, factor) => value * scale * factor).ToArray();
    }

    double[] Turn(double[] head, int position)
    {
        var half = head.Length / 2;
        var turned = new double[head.Length];
        for (var i = 0; i < half; i++)
        {
            var angle = position / Math.Pow(config.RopeFrequencyBase, 2.0 * i / head.Length);
            turned[i] = (head[i] * Math.Cos(angle)) - (head[half + i] * Math.Sin(angle));
            turned[half + i] = (head[i] * Math.Sin(angle)) + (head[half + i] * Math.Cos(angle));
        }

        return turned;
    }

    static double[] Multiply(float[] matrix, double[] vector)
    {
        var result = new double[matrix.Length / vector.Length];
        for (var row = 0; row < result.Length; row++)
        {
            for (var column = 0; column < vector.Length; column++)
            {
                result[row] += matrix[(row * vector.Length) + column] * vector[column];
            }
        }

        return result;
    }

    static void Add(double[] target, double[] addend)
    {
        for (var i = 0; i < target.Length; i++)
        {
            target[i] += addend[i];
        }
    }
}
