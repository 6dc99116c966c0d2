# frozen_string_literal: true

require "rails_helper"

# All rows, each once: what passes is got over, and what would make them fewer or more is an error.
RSpec.describe CrmSync::Salesforce::Client do
  remote = CrmSync::RemoteError
  # Requests whose repetition does no harm, so that they are tried again after anything that may pass.
  steps = { serial: %i[query next_page], parallel: %i[query next_page],
            bulk: %i[describe job_status job_result_pages job_results] }
  passing = {
    "silence" => :hang, "a dropped connection" => :close, "a cut body" => :truncate, "a cut text" => :cut_json,
    "HTML" => :html, "500" => any_answer(500, ""), "502 from a gateway" => any_answer(502, "<html>"),
    "504" => any_answer(504, ""), "503 with Retry-After" => { retry_after: 0 },
    "a limit on concurrency" => api_error(403, "REQUEST_LIMIT_EXCEEDED", "Concurrent API Requests Limit exceeded.")
  }

  def expect_all_rows(way, salesforce, sign_ins: 1)
    text = logged { expect(sorted(read(way))).to eq(rows_of(30)) }
    expect(text).to have_no_secret
    expect(self.sign_ins(salesforce)).to eq(sign_ins)
    expect(running_jobs(salesforce)).to be_empty
  end

  steps.each do |way, kinds|
    kinds.each do |on|
      passing.each do |what, answer|
        it "gets over #{what} in the #{on} of a #{way} read" do
          settings = answer == :hang ? { read_timeout: 0.4 } : {}
          org(faults: [{ on:, times: 1, answer: }], settings:) { |salesforce| expect_all_rows(way, salesforce) }
        end
      end
    end

    it "opens one session for one that ends in the middle of a #{way} read" do
      fault = { on: kinds.last, skip: 1, times: 1, answer: :expire }
      org(faults: [fault]) { |salesforce| expect_all_rows(way, salesforce, sign_ins: 2) }
    end
  end

  %i[table example chunks other].each do |form|
    it "reads a job that tells where its pages are in the form #{form}" do
      org(bulk_result_pages: form) { |salesforce| expect_all_rows(:bulk, salesforce) }
    end
  end

  it "begins a job that was refused" do
    [{ retry_after: 0 }, any_answer(420, "")].each do |answer|
      org(faults: [{ on: :job, times: 2, answer: }]) do |salesforce|
        expect_all_rows(:bulk, salesforce)
        expect(salesforce.jobs.size).to eq(1)
      end
    end
  end

  it "opens one session for all that find theirs ended at once" do
    fault = { on: :next_page, times: 1, answer: :expire }
    org(count: 200, latency_ms: 10, faults: [fault]) do |salesforce|
      expect(sorted(read(:parallel))).to eq(rows_of(200))
      expect(sign_ins(salesforce)).to eq(2)
      lost = salesforce.requests.select { |request| request["status"] == 401 }
      expect(lost.size).to be > 1
    end
  end

  %i[serial parallel].each do |way|
    it "goes on behind the last row of a #{way} read when the server forgets its cursors" do
      org(faults: [{ on: :next_page, skip: 1, times: 3, answer: :expire_locator }]) do |salesforce|
        expect_all_rows(way, salesforce)
      end
    end

    { "skips a page" => [:next_page, :skip_page, /not whole: .* rows came of/],
      "gives a page twice" => [:next_page, :repeat_page, /not whole: .*one as its next that came before/],
      "loops its pages" => [:query, :next_loop, /not whole/],
      "sends us to another port" => [:query, { next_host: "http://127.0.0.1:1" }, /another host/],
      "sends us to another host" => [:query, { next_host: "https://evil.invalid" }, /another host/],
      "sends us on without a scheme" => [:query, { next_host: "//evil.invalid" }, /another host/],
      "changes its mind about the rows" => [:next_page, { total_size: 3 }, /changed from \d+ to 3 rows/],
      "claims more rows" => [:query, { total_size: 99 }, /not whole/] }.each do |what, (on, answer, message)|
      it "does not take for whole what comes of a #{way} read when the server #{what}" do
        org(faults: [{ on:, answer: }]) do |salesforce|
          expect_failure(salesforce, remote, { attempts: 1 }, message) { read(way) }
        end
      end
    end
  end

  it "does not go on for ever where the server forgets each cursor" do
    org(count: 120, faults: [{ on: :next_page, answer: :expire_locator }]) do |salesforce|
      expect_failure(salesforce, remote, { attempts: 1 }, /forgot it again and again/, requests: 50) { read(:serial) }
    end
  end

  it "does not take a query for whole whose order is the caller's when its cursor is forgotten" do
    org(faults: [{ on: :next_page, skip: 1, answer: :expire_locator }]) do |salesforce|
      facts = { status: 400, code: "INVALID_QUERY_LOCATOR", attempts: 1 }
      expect_failure(salesforce, remote, facts, /invalid query locator/) do
        read(:auto, "SELECT Id FROM Contact ORDER BY Email")
      end
    end
  end

  describe "a query that takes the server too long" do
    it "is read in halves, and these in halves" do
      org(count: 64, query_timeout_rows: 20) do |salesforce|
        expect(sorted(read(:parallel))).to eq(rows_of(64))
        expect(sorted(read(:auto))).to eq(rows_of(64))
        expect(salesforce.requests.size).to be < 80
      end
    end

    it "ends when halving does not help, and says what does" do
      org(count: 64, query_timeout_rows: 1) do |salesforce|
        facts = { status: 400, code: "QUERY_TIMEOUT", attempts: 1 }
        expect_failure(salesforce, remote, facts, /narrow it with conditions on indexed fields/, requests: 200) do
          read(:parallel)
        end
      end
    end

    it "ends at once where its ranges are not ours to choose" do
      org(query_timeout_rows: 20) do |salesforce|
        expect_failure(salesforce, remote, { code: "QUERY_TIMEOUT", attempts: 1 }, /narrow it/, requests: 2) do
          read(:auto, "SELECT Id FROM Contact ORDER BY Email")
        end
      end
    end
  end

  it "reads page by page where the server does not count" do
    uncountable = { on: :query, skip: 1, answer: api_error(400, "OPERATION_TOO_LARGE") }
    org(faults: [uncountable]) { |salesforce| expect_all_rows(:parallel, salesforce) }
  end

  describe "a job" do
    jobs = "Max bulk v2 query jobs (10000) per 24 hrs has been reached"
    { "has failed" => [:job_status, :job_failed, /ended as Failed: .*Retried more than fifteen times/],
      "gives fewer rows than it announces" => [:job_results, :drop_csv_row, /a page has \d+ rows and announced \d+/],
      "leaves rows out of its pages" => [:job_results, :drop_result_rows, /\d+ rows came of the 30/],
      "was of another version" => [:job_status, api_error(409, "INVALIDVERSION"), /HTTP 409, INVALIDVERSION/],
      "is one too many" => [:job, api_error(400, "EXCEEDED_LIMIT", jobs),
                            /Max bulk v2 query jobs \(10000\)/],
      "has no room" => [:job_results, api_error(400, "EXCEEDED_LIMIT", "Max bulk v2 query result size stored " \
                                                                       "(1000000000) kb per 24 hrs has been exceeded"),
                        /result size stored/],
      "has an id that is none" => [:job, any_answer(200, '{"id":"../../limits"}'), /no valid id/] }
      .each do |what, (on, answer, message)|
      it "is no whole answer when it #{what}" do
        org(faults: [{ on:, answer: }]) do |salesforce|
          expect_failure(salesforce, remote, {}, message) { read(:bulk) }
        end
      end
    end

    { "on another host" => %w[https://evil.invalid/x], "on another host, by its name alone" => %w[//evil.invalid/x],
      "twice" => %w[/x /x], "not at all" => [] }.each do |what, urls|
      it "is read one page after the other when it names pages #{what}" do
        answer = any_answer(200, JSON.generate(resultPages: urls.map { |url| { resultUrl: url } }, done: true))
        org(faults: [{ on: :job_result_pages, answer: }]) { |salesforce| expect_all_rows(:bulk, salesforce) }
      end
    end

    it "gets over a page of results that lacks a row once" do
      org(faults: [{ on: :job_results, times: 1, answer: :drop_csv_row }]) do |salesforce|
        expect_all_rows(:bulk, salesforce)
      end
    end
  end

  it "does not pass for a record what is none" do
    [1, "x", nil, []].each do |record|
      answer = any_answer(200, JSON.generate(totalSize: 1, done: true, records: [record]))
      org(faults: [{ on: :query, answer: }]) do |salesforce|
        expect_failure(salesforce, remote, { attempts: 1 }, /a record cannot be read: .*expected a record/) do
          read(:serial)
        end
      end
    end
  end

  it "says that an answer cannot be read whose records nest without end" do
    deep = "#{"[" * 10_000}#{"]" * 10_000}"
    answer = any_answer(200, "{\"totalSize\":1,\"done\":true,\"records\":[{\"Id\":#{deep}}]}")
    org(faults: [{ on: :query, answer: }]) do |salesforce|
      expect_failure(salesforce, remote, { attempts: 1 }, /the reading of a record failed/) { read(:serial) }
    end
  end

  it "does not take for empty what is only not counted" do
    org { expect { read(:auto, "SELECT COUNT() FROM Contact") }.to raise_error(remote, /ask for COUNT\(Id\)/) }
  end
end
