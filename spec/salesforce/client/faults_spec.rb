# frozen_string_literal: true

require "rails_helper"

# Each request of each way to read, and each way in which it can fail for good: an error that says who, what and how
# often, after a bounded number of requests, with one sign-in and no job left running.
RSpec.describe CrmSync::Salesforce::Client do
  remote = CrmSync::RemoteError
  # The messages about an answer that is none, by the kind of request.
  senseless = { query: /not the JSON/, next_page: /not the JSON/, describe: /not a description/,
                job_results: /not whole/ }
  senseless.default = /not what a Bulk API job gives/
  senseless.freeze

  { serial: %i[query next_page], parallel: %i[query next_page],
    bulk: %i[describe job job_status job_results] }.each do |way, kinds|
    kinds.each do |on|
      # A request that may have begun a job is not sent again: nobody would know of the first one.
      tries = on == :job ? 1 : 3
      faults = {
        "hangs" => [:hang, { status: nil, attempts: tries }, /no answer in time/],
        "drops the connection" => [:close, { status: nil, attempts: tries }, /connection broke/],
        "returns HTML" => [:html, { attempts: on == :job ? 1 : 3 }, senseless[on]],
        "is down" => [any_answer(500, ""), { status: 500, attempts: tries }, /HTTP 500 without a reason/],
        "has a bad gateway" => [any_answer(502, "<html>"), { status: 502, attempts: tries }, /HTTP 502 without/],
        "gets no answer of its own" => [any_answer(504, ""), { status: 504, attempts: tries }, /HTTP 504 without/],
        "is too busy" => [api_error(503, "SERVER_UNAVAILABLE"), { status: 503, attempts: 3 }, /no reason/],
        "asks for less" => [any_answer(420, ""), { status: 420, attempts: 3 }, /HTTP 420/],
        "asks to come back in a day" => [{ retry_after: 86_400 }, { status: 503, attempts: 1 },
                                         /asks to wait 86400 s; that is longer than `deadline` allows/],
        "redirects" => [any_answer(302, "", Location: "https://evil.invalid"), { status: 302, attempts: 1 },
                        /HTTP 302 .*the org may have moved: check salesforce.host/],
        "refuses" => [api_error(400, "MALFORMED_QUERY", "\e[31m no a@b.edu"),
                      { status: 400, code: "MALFORMED_QUERY", attempts: 1 }, /failed: \[31m no \[address\] \(/],
        "has retired the version" => [api_error(410, "GONE"), { status: 410, code: "GONE", attempts: 1 },
                                      /set salesforce.api_version to a version that is still supported/]
      }
      unless on == :job
        faults["cuts the body"] = [:truncate, { status: nil, attempts: 3 }, /broke or the answer was cut short/]
        faults["cuts the text"] = [:cut_json, { attempts: 3 }, senseless[on]]
      end

      faults.each do |what, (answer, facts, message)|
        it "ends a #{way} read when #{on} #{what}" do
          limits = { hang: { read_timeout: 0.15 }, { retry_after: 86_400 } => { deadline: 0.3 } }.fetch(answer, {})
          # An org that may have moved is looked for anew, twice for all requests together from one good answer to the
          # next: of those that are read side by side, one may begin, with a good one, when the others have given up.
          sign_ins = 1
          sign_ins += [way, on] == %i[parallel next_page] ? 4 : 2 if what == "redirects"
          org(faults: [{ on:, answer: }], settings: limits) do |salesforce|
            expect_failure(salesforce, remote, facts, message, sign_ins:) { read(way) }
          end
        end
      end
    end
  end

  [:hang, :close, :html, :truncate, :cut_json, { retry_after: 86_400 }, any_answer(500, ""), any_answer(302, ""),
   api_error(400, "MALFORMED_QUERY"), api_error(410, "GONE"), any_answer(200, '{"pages":[],"done":true}')]
    .each do |answer|
    it "reads the pages of a job one after the other when the list of them is #{answer}" do
      limits = answer == :hang ? { read_timeout: 0.15 } : {}
      org(faults: [{ on: :job_result_pages, answer: }], settings: limits) do |salesforce|
        expect(sorted(read(:bulk))).to eq(rows_of(30))
        expect(running_jobs(salesforce)).to be_empty
      end
    end
  end

  it "does not begin a job anew when it cannot know whether it has begun" do
    %i[truncate cut_json].each do |answer|
      org(faults: [{ on: :job, answer: }]) do |salesforce|
        expect { read(:bulk) }.to raise_error(remote) { |error| expect(error.attempts).to eq(1) }
        expect(salesforce.jobs.size).to eq(1)
      end
    end
  end

  it "does without a job's deletion, which is the server's loss" do
    [:close, api_error(500, "UNKNOWN_EXCEPTION"), api_error(400, "INVALIDJOBSTATE"), :html].each do |answer|
      org(faults: [{ on: :job_end, answer: }]) do |salesforce|
        expect(sorted(read(:bulk))).to eq(rows_of(30))
        expect(running_jobs(salesforce)).to be_empty
      end
    end
  end

  it "does not wait for ever for a job's deletion" do
    org(faults: [{ on: :job_end, answer: { retry_after: 86_400 } }], settings: { deadline: 0.4 }) do
      expect(sorted(read(:bulk))).to eq(rows_of(30))
    end
  end

  %i[serial parallel bulk].each do |way|
    it "ends a #{way} read when nobody listens" do
      gone = org
      gone.stop
      org(settings: { host: gone.url }) do |salesforce|
        expect_failure(salesforce, remote, { status: nil, attempts: 3 }, /no connection/, requests: 0) { read(way) }
      end
    end

    it "holds a #{way} read to its limits" do
      bomb = { on: way == :bulk ? :job_results : :query, answer: :bomb }
      org(faults: [bomb], settings: { max_page_bytes: 2**20 }) do |salesforce|
        expect_failure(salesforce, remote, { attempts: 1 }, /unpacks to more than 1 MiB/) { read(way) }
      end
      next if way == :bulk

      org(settings: { max_rows: 29 }) do |salesforce|
        expect_failure(salesforce, remote, { attempts: 1 }, /30 rows, and at most 29 .*raise `max_rows`/) { read(way) }
      end
    end
  end

  it "ends a read whose answer trickles for ever" do
    org(faults: [{ on: :query, answer: { slow_body_ms: 80 } }], settings: { deadline: 0.4 },
        gzip: false) do |salesforce|
      expect_failure(salesforce, remote, {}, /before the deadline/) { read(:serial) }
    end
  end

  { hang: { attempts: 3 }, close: { attempts: 3 }, truncate: { attempts: 3 }, cut_json: { attempts: 3 },
    html: { attempts: 3 }, any_answer(500, "") => { status: 500, attempts: 3 },
    api_error(410, "GONE") => { status: 410, attempts: 1 }, api_error(404, "NOT_FOUND") => { status: 404, attempts: 1 },
    api_error(400, "INVALID_FIELD") => { code: "INVALID_FIELD", attempts: 1 },
    { retry_after: 86_400 } => {} }.each do |answer, facts|
    name = answer.is_a?(Hash) ? answer.values.first : answer
    settings = { hang: { read_timeout: 0.15 }, { retry_after: 86_400 } => { deadline: 0.3 } }.fetch(answer, {})

    it "ends a retrieval, and tells of an update, that meets #{name}" do
      org(faults: [{ on: :retrieve, answer: }, { on: :update, answer: }], settings:) do |salesforce|
        expect_failure(salesforce, remote, facts, /the retrieval of Contact failed/) do
          client.retrieve("Contact", [contact_id(1), contact_id(2)], %w[Id])
        end
        # An update has no body that could be cut or not be JSON.
        next if %i[truncate cut_json html].include?(answer)

        results = client.update("Contact", [{ "Id" => contact_id(1), "Fax" => "1" }])
        expect(results.first.error).to be_an_instance_of(remote).and have_attributes(service: "Salesforce", **facts)
      end
    end

    it "ends the question for limits that meets #{name}" do
      org(faults: [{ on: :limits, answer: }], settings:) do |salesforce|
        expect_failure(salesforce, remote, facts, /the question for limits failed/) { client.limits }
      end
    end
  end

  it "does not take an answer for whole that lacks a record" do
    org(faults: [{ on: :retrieve, answer: any_answer(200, '[{"Id":"x"}]') }]) do |salesforce|
      expect_failure(salesforce, remote, { attempts: 1 }, /not whole: 1 record came for 2 ids/) do
        client.retrieve("Contact", [contact_id(1), contact_id(2)], %w[Id])
      end
    end
  end
end
