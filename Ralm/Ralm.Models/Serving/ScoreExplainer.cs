using System.Collections.Immutable;
using Ralm.Models.Networks;
using Ralm.Models.Seeds;
using Ralm.Models.Tensors;
using Ralm.Models.Training;
using Ralm.Ranking.Calibration;
using Ralm.Ranking.Schema;
using RalmActors.Messages.Serving;
using static TorchSharp.torch;

namespace Ralm.Models.Serving;

/// <summary>Says what a score is made of, by leaving one thing after the other out.</summary>
/// <param name="encoder">Of the same schema.</param>
/// <param name="weights">The model's; they stay its own.</param>
internal sealed class ScoreExplainer(
    FeatureSchema schema,
    RequestEncoder encoder,
    IRankingModel model,
    ParameterSet weights,
    ScoreCalibration calibration,
    Device device
) : IDisposable
{
    private readonly InputShape _shape = InputShape.Of(schema);
    private readonly BatchBuffer _occluded = new(InputShape.Of(schema), model as ISeededModel, device);

    private const int DefaultTopSeeds = 5;

    /// <summary>
    /// A score by occlusion: the score with everything, with nothing, and without each thing alone, all in one batch. It
    /// asks nothing of a model but its logits.
    /// </summary>
    /// <param name="seeds">Null: none are known.</param>
    /// <exception cref="FeatureException">A feature is of another kind than the schema's.</exception>
    public ExplainReply Explain(Score request, RequestSeeds? seeds, int topSeeds)
    {
        var (user, candidate) = (request.UserId, request.Candidates[0].CandidateId);
        var (ofCandidate, ofUser) = (seeds?.Of(0), seeds?.OfUser);
        var occluded = Occlusions(ofCandidate, ofUser).ToImmutableArray();
        string[] each = topSeeds < 0 ? [] : [.. ofCandidate?.Seeds.Select(s => s.UserId).Where(id => id != user) ?? []];
        var logits = Occlude(request, ofCandidate, ofUser, occluded, each);
        // The class weight is one constant off every logit: it is in the base alone.
        var (full, nothing) = (calibration.Corrected(logits[0]), calibration.Corrected(logits[1]));
        var contributions = occluded
            .Select(
                (o, k) =>
                    new Contribution
                    {
                        Kind = o.Kind,
                        Name = o.Name,
                        LogOdds = logits[0] - (double)logits[k + 2],
                    }
            )
            .OrderByDescending(c => Math.Abs(c.LogOdds));
        var moved = each.Select(
                (id, k) =>
                    new SeedContribution { UserId = id, LogOdds = logits[0] - (double)logits[k + 2 + occluded.Length] }
            )
            .OrderByDescending(s => Math.Abs(s.LogOdds))
            .Take(topSeeds == 0 ? DefaultTopSeeds : topSeeds);
        var reply = new ExplainReply
        {
            Score = (float)calibration.Probability(logits[0]),
            Calibration = calibration.Map?.Method ?? "",
            LogOdds = full,
            BaseLogOdds = nothing,
            Contributions = { contributions },
            Seeds = seeds?.CountOf(0, user, candidate) ?? 0,
            TopSeeds = { moved },
        };
        reply.InteractionLogOdds = full - nothing - reply.Contributions.Sum(c => c.LogOdds);
        return reply;
    }

    public void Dispose() => _occluded.Dispose();

    /// <summary>Without one seed, and without the user who asks: that is no seed for itself.</summary>
    private void WriteWithout(
        int row,
        string seed,
        LiveSeeds ofCandidate,
        LiveSeeds? ofUser,
        string user,
        string candidate
    )
    {
        if (ofCandidate.IndexOf(user) >= 0)
        {
            _occluded.WriteSeeds(row, ofCandidate.With([], [seed]), ofUser, user, candidate);
        }
        else
        {
            _occluded.WriteSeeds(row, ofCandidate, ofUser, seed, candidate);
        }
    }

    private IEnumerable<Occlusion> Occlusions(LiveSeeds? ofCandidate, LiveSeeds? ofUser)
    {
        var sides = ((ContributionKind, IEnumerable<(string Name, int Width)>)[])
            [
                (ContributionKind.OfUser, schema.User.Features.Select(f => (f.Name, f.Width))),
                (ContributionKind.OfCandidate, schema.Candidate.Features.Select(f => (f.Name, f.Width))),
                (ContributionKind.OfContext, schema.Context.Features.Select(f => (f.Name, f.Width))),
                (ContributionKind.OfPair, schema.PairsOrNone.Select(p => (p.Name, p.Width))),
            ];
        foreach (var (kind, features) in sides)
        {
            var from = kind == ContributionKind.OfPair ? schema.Context.Width : 0;
            foreach (var (name, width) in features)
            {
                yield return new Occlusion(kind, name, from, width);
                from += width;
            }
        }

        if (ofCandidate is { Count: > 0 })
        {
            yield return new Occlusion(ContributionKind.OfSeeds, "", 0, 0);
        }

        if (ofUser is { Count: > 0 })
        {
            yield return new Occlusion(ContributionKind.OfUserSeeds, "", 0, 0);
        }
    }

    /// <summary>Logits of everything, of nothing, without each part, and without each seed.</summary>
    private float[] Occlude(
        Score request,
        LiveSeeds? ofCandidate,
        LiveSeeds? ofUser,
        ImmutableArray<Occlusion> occluded,
        string[] each
    )
    {
        var rows = 2 + occluded.Length + each.Length;
        var target = _occluded.Target(rows);
        var user = encoder.User(request);
        var candidate = encoder.Candidate(request, 0);
        var context = new float[_shape.Context];
        encoder.Context(request, 0, user, candidate, context);
        for (var row = 0; row < rows; row++)
        {
            var u = target.User.Slice(row * _shape.User, _shape.User);
            var c = target.Item.Slice(row * _shape.Item, _shape.Item);
            var x = target.Context.Slice(row * _shape.Context, _shape.Context);
            user.Encoded.CopyTo(u);
            candidate.Encoded.CopyTo(c);
            context.CopyTo(x);
            var without = row - 2 < 0 || row - 2 >= occluded.Length ? null : occluded[row - 2];
            without?.Hide(u, c, x);
            if (row == 1)
            {
                u.Clear();
                c.Clear();
                x.Clear();
            }

            var id = request.Candidates[0].CandidateId;
            if (row - 2 >= occluded.Length)
            {
                WriteWithout(row, each[row - 2 - occluded.Length], ofCandidate!, ofUser, request.UserId, id);
                continue;
            }

            var isHidden = row == 1 || without?.Kind == ContributionKind.OfSeeds;
            var isUserHidden = row == 1 || without?.Kind == ContributionKind.OfUserSeeds;
            _occluded.WriteSeeds(row, isHidden ? null : ofCandidate, isUserHidden ? null : ofUser, request.UserId, id);
        }

        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        return FlatVector.Read(model.Logits(weights, _occluded.Read(rows).Input, dropout: null));
    }

    /// <summary>A part of the input, by its place among the numbers of its side.</summary>
    private sealed record Occlusion(ContributionKind Kind, string Name, int From, int Width)
    {
        public void Hide(Span<float> user, Span<float> candidate, Span<float> context)
        {
            var side = Kind switch
            {
                ContributionKind.OfUser => user,
                ContributionKind.OfCandidate => candidate,
                _ => context,
            };
            side.Slice(From, Width).Clear();
        }
    }
}
