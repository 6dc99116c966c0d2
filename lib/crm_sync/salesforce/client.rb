# frozen_string_literal: true

require_relative "../notices/given"
require_relative "../notices/suggestion"
require_relative "field"
require_relative "outgoing_rows"
require_relative "row_result"

module CrmSync
  module Salesforce
    # Reads and writes an org. Reads stream their rows, and either return all of them or raise an error; requests are
    # retried, and have limits on time, size and quota. One client may be used by many threads.
    #
    # @example
    #   client = CrmSync::Salesforce.client
    #   client.query("SELECT Id, Email FROM Contact WHERE Email IN :emails", emails: addresses).each { |row| … }
    class Client
      # @api private
      def initialize(name = :default)
        @name = name
        @log = Log.new("Salesforce", service: "Salesforce")
      end

      # Runs a query. The first request is sent when the first row is taken, and pages are fetched as fast as rows are
      # taken: a caller who stops early (+first+, +break+, an exception) stops the fetching.
      #
      # Large queries for plain fields that include the Id are read in several ranges of ids at once, or by a Bulk API
      # job; their rows come in no particular order, which SOQL does not promise either. A query with ORDER BY, LIMIT
      # and the like is read as it is.
      #
      # @param soql [String] the query; +:name+ stands for a value (see {Soql.bind}). If a list is too long for one
      #   query, the query is split into several
      # @param with_deleted [Boolean] whether to read deleted, merged and archived rows as well
      # @param by [Symbol] +:auto+ chooses by the count and the measured time; +:serial+ reads page by page, +:parallel+
      #   in ranges, +:bulk+ by a Bulk API job
      # @param values [Hash{Symbol => Object}] the values
      # @return [Enumerator<Hash{String => Object}>] rows by field name; a parent is a Hash or nil, the rows of a child
      #   query are an Array
      # @raise [ArgumentError] when a value is missing or invalid
      # @raise [CrmSync::RemoteError] while rows are taken, when the query failed or did not return all of its rows
      # @example
      #   client.query("SELECT Id, Account.Name FROM Contact").lazy.map { |row| row.dig("Account", "Name") }.first(10)
      def query(soql, with_deleted: false, by: :auto, **values)
        queries = Soql.bind(soql, **values)
        Enumerator.new do |rows|
          queries.each { |query| read(query, with_deleted, by) { |batch| batch.each { |row| rows << row } } }
        end
      end

      # Runs a query and yields its rows page by page.
      #
      # @param (see #query)
      # @yieldparam rows [Array<Hash{String => Object}>] the rows of one page, whose size the server chooses
      # @return [Enumerator, void] an Enumerator if no block is given
      # @raise (see #query)
      # @example
      #   client.each_batch("SELECT Id FROM Lead") { |rows| Lead.upsert_all(rows.map { |row| { sfid: row["Id"] } }) }
      def each_batch(soql, with_deleted: false, by: :auto, **values, &block)
        return enum_for(:each_batch, soql, with_deleted:, by:, **values) unless block

        Soql.bind(soql, **values).each { |query| read(query, with_deleted, by, &block) }
      end

      # Reads records by their ids, 2,000 in a call.
      #
      # @param object [String] such as +"Contact"+
      # @param ids [Array<String>] any number of ids
      # @param fields [Array<String>]
      # @return [Array<Hash{String => Object}, nil>] the record of each id, in the order of the ids; nil for a record
      #   that does not exist any more or that the integration user may not see
      # @raise [ArgumentError] when an id is not valid, or the object or a field is not a name of Salesforce
      # @raise [CrmSync::RemoteError]
      # @example
      #   client.retrieve("Contact", %w[0034C00000VaYfKQAV], %w[Id Fax]) # => [{ "Id" => "0034…", "Fax" => "1" }]
      def retrieve(object, ids, fields)
        check_names([object], *fields.map { |field| [field, :path?] })
        with_host { |org, host| org.retrieve(object, ids, fields, host) }
      end

      # Returns the fields of an object, as the org describes them to the integration user; fields that this user may
      # not see are missing. Each call sends a request, and a description is large, so keep the result if you need it
      # often.
      #
      # @param object [String] such as +"Contact"+
      # @return [Hash{String => CrmSync::Salesforce::Field}] by API name; frozen
      # @raise [CrmSync::RemoteError] with the code +NOT_FOUND+ when the org has no such object; the message names the
      #   most similar one
      # @example
      #   fields = client.describe("Lead")
      #   fields["Status"].picklist_values                        # => ["Open", "Converted"]
      #   fields.values.select(&:external_id?).map(&:name)        # => ["App_User_Id__c"]
      def describe(object)
        check_names([object])
        with_host do |org, host|
          org.describe(object, host).to_h { |field| [field.name.freeze, Field.new(**field.to_h)] }.freeze
        rescue RemoteError => e
          raise unless e.code == "NOT_FOUND"

          raise with_nearest(e, object, org.object_names(host))
        end
      end

      # Updates fields of records: 200 in a call, or by Bulk API jobs. A row that is refused does not prevent the others
      # from being written. Texts, numbers, true, false and nil are sent as they are, a BigDecimal with all its digits,
      # a Date and a Time in the form that Salesforce takes.
      #
      # @param object [String] such as +"Contact"+
      # @param rows [Enumerable<Hash{String => Object}>] each with its +"Id"+ and the fields that change
      # @param bulk [Boolean, nil] true writes by Bulk API jobs, which need only a few requests for any number of rows,
      #   and at least some ten seconds; false writes 200 in a call; nil writes by jobs from +salesforce.bulk_from+ rows
      #   on
      # @return [Array<CrmSync::Salesforce::RowResult>] the result of each row, in order: +:updated+, +:refused+,
      #   +:unknown+ or +:not_tried+
      # @raise [ArgumentError] when a row has no valid Id, the Id of another row, or a value that Salesforce cannot
      #   take; nothing is sent then
      # @raise [CrmSync::RemoteError] when there is no session to begin with; nothing is sent then. When a later sign-in
      #   fails, that is the error of the rows for which there was no session
      # @example
      #   results = client.update("Contact", [{ "Id" => "0034C00000VaYfKQAV", "Fax" => "1" }])
      #   results.reject(&:ok?).map(&:error) # => []
      def update(object, rows, bulk: nil)
        check_names([object])
        write(object, :update, OutgoingRows.updates(object, OutgoingRows.list(rows)), bulk)
      end

      # Creates records: 200 in a call, or by Bulk API jobs. A row that is refused does not prevent the others from
      # being created. Values are sent as by {#update}.
      #
      # No record is created twice. If the answer to a call is lost, the call is not sent again, and its rows are
      # +:unknown+: nobody can tell whether they were created. Look for them before you create them again; or use
      # {#upsert} with a unique external id, which may be repeated. A job writes nothing before it is closed, so that
      # only answers that are lost after that count, and then the client asks for the job's state.
      #
      # @param object [String] such as +"Contact"+
      # @param rows [Enumerable<Hash{String => Object}>] the fields of each record
      # @param bulk [Boolean, nil] as for {#update}
      # @return [Array<CrmSync::Salesforce::RowResult>] the result of each row, in order: +:created+, +:refused+,
      #   +:unknown+ or +:not_tried+
      # @raise [ArgumentError] when a row has an Id, or a value that Salesforce cannot take; nothing is sent then
      # @raise [CrmSync::RemoteError] as for {#update}
      # @example
      #   client.create("Contact", [{ "LastName" => "Lee" }]).map(&:id) # => ["0034C00000VaYfKQAV"]
      def create(object, rows, bulk: nil)
        check_names([object])
        write(object, :create, OutgoingRows.creates(OutgoingRows.list(rows)), bulk)
      end

      # Updates records that are found by an external id, and creates those that do not exist: 200 in a call, or by Bulk
      # API jobs. A row that is refused does not prevent the others from being written. Values are sent as by {#update}.
      #
      # No record is created twice. If the answer to a call is lost, the call is sent again if the field is unique, as
      # the org's description of the object says. A row that the second call creates is +:created+. A row that it finds
      # is +:saved+: the record exists, and nobody can tell whether the first call created it. A row that it refuses is
      # +:unknown+: a user who may create and not edit is refused for the record that the first call has created. If the
      # field is not unique, the second call could create a record that the first call, which is still at work, has not
      # stored yet; so the call is not repeated, and the rows are +:unknown+. The rows of a job that is lost are
      # +:unknown+ as well.
      #
      # @param object [String] such as +"Contact"+
      # @param rows [Enumerable<Hash{String => Object}>] the fields of each record, with a value of +by+. Salesforce
      #   ignores the letter case of these values, unless the field is defined as case-sensitive
      # @param by [String] a field that is an external id, such as +"App_User_Id__c"+
      # @param bulk [Boolean, nil] as for {#update}
      # @return [Array<CrmSync::Salesforce::RowResult>] the result of each row, in order: +:created+, +:updated+,
      #   +:saved+, +:refused+, +:unknown+ or +:not_tried+
      # @raise [ArgumentError] when a row has no value of +by+, the value of another row, an Id, or a value that
      #   Salesforce cannot take; nothing is sent then
      # @raise [CrmSync::RemoteError] as for {#update}
      # @example
      #   rows = User.all.map { |user| { "App_User_Id__c" => user.id, "LastName" => user.last_name } }
      #   client.upsert("Contact", rows, by: "App_User_Id__c").map(&:status).tally # => { updated: 97, created: 3 }
      def upsert(object, rows, by:, bulk: nil)
        check_names([object], [by])
        write(object, :upsert, OutgoingRows.upserts(object, by, OutgoingRows.list(rows)), bulk, by:)
      end

      # Returns the org's limits, and what is left of them. This request is sent even if the reserve of the quota is
      # reached.
      #
      # @return [Hash{String => Hash{Symbol => Integer}}] +max+ and +remaining+ by Salesforce's own names
      # @raise [CrmSync::RemoteError]
      # @example
      #   client.limits["DailyApiRequests"] # => { max: 100_000, remaining: 73_995 }
      def limits
        found = with_host { |org, host| org.limits(host) }
        found.transform_values { |max, remaining| { max:, remaining: } }
      end

      # @return [String] without secrets
      def inspect
        "#<#{self.class.name} #{@name}>"
      end

      private

      # Reads the settings for each call, because a simulator may have replaced the org in the meantime.
      def with_host
        settings = Salesforce.settings(@name)
        yield settings.native, Host.new(@log, settings.sessions)
      end

      def read(soql, with_deleted, way)
        with_host do |org, host|
          query = Native::Query.start(org, soql, with_deleted, way.to_s, host)
          while (rows = query.next(host))
            yield rows
          end
        ensure
          query&.stop(org, host)
        end
      end

      def write(object, operation, rows, bulk, by: "")
        bulk = rows.size >= Salesforce.settings(@name).bulk_from if bulk.nil?
        written = with_host { |org, host| org.public_send(bulk ? :ingest : :write, object, operation, by, rows, host) }
        written.map { |row| RowResult.new(**row.to_h) }
      end

      def with_nearest(error, object, known)
        facts = { service: error.service, status: error.status, code: error.code, request_id: error.request_id,
                  attempts: error.attempts, seconds: error.seconds }
        mend = Suggestion.mend(object, known)
        RemoteError.new("#{error.message}; the integration user knows of no object #{object}: #{mend}", **facts)
      end

      def check_names(*names)
        names.each do |given|
          name, check = given
          next if Internal::ApiName.public_send(check || :name?, name)

          raise ArgumentError, "#{Presentable.text(name).inspect} is not a name"
        end
      end
    end
  end
end
