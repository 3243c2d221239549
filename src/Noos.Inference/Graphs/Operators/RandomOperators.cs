namespace Noos.Inference.Graphs.Operators;

/// <summary>Noise, from the random numbers of the run.</summary>
static class RandomOperators
{
    public static void NormalLike(OperatorCall call)
    {
        var result = call.Memory.NewSingles(call.Input(0).Dimensions);
        var (mean, scale) = (call.Node.Single("mean", 0), call.Node.Single("scale", 1));
        var values = result.Elements<float>().AsSpan(0, result.Count);
        for (var i = 0; i < values.Length; i++)
        {
            // Box and Muller; 1 - u is never zero.
            var radius = Math.Sqrt(-2 * Math.Log(1 - call.Random.NextDouble()));
            values[i] = mean + (scale * (float)(radius * Math.Cos(2 * Math.PI * call.Random.NextDouble())));
        }

        call.Return(result);
    }

    public static void UniformLike(OperatorCall call)
    {
        var result = call.Memory.NewSingles(call.Input(0).Dimensions);
        var (low, high) = (call.Node.Single("low", 0), call.Node.Single("high", 1));
        var values = result.Elements<float>().AsSpan(0, result.Count);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = low + ((high - low) * call.Random.NextSingle());
        }

        call.Return(result);
    }
}
