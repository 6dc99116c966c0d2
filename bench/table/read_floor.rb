# frozen_string_literal: true

require "json"
require "net/http"
require "pg"
require_relative "../data"
require_relative "../measured"

module Bench
  # The least that a look at both sides takes: the pages of Salesforce, unread; the linked users by COPY; and the
  # unlinked ones who have one of the addresses, by the index.
  class ReadFloor
    SOQL = "SELECT Id, Email, Email_alt__c, Faculty_Verified__c, School_Type__c, Adoption_Status__c, " \
           "Grant_Tutor_Access__c, Account.School_Location__c, Account.K_I_P__c, Account.child_of_kip__c FROM Contact"
    LINKED = "COPY (SELECT id, salesforce_contact_id, faculty_status, school_type, school_location, using_openstax, " \
             "is_kip, grant_tutor_access FROM users WHERE salesforce_contact_id IS NOT NULL) TO STDOUT (FORMAT binary)"
    OTHERS = "SELECT user_id, value FROM contact_infos WHERE lower(value) = ANY($1) AND verified AND EXISTS " \
             "(SELECT 1 FROM users WHERE users.id = user_id AND salesforce_contact_id IS NULL)"
    private_constant :SOQL, :LINKED, :OTHERS

    # @param database [String] its URL
    # @param salesforce [String] its URL
    def initialize(database, salesforce)
      @database = database
      @salesforce = URI(salesforce)
    end

    def measure
      addresses = PG::TextEncoder::Array.new.encode(pages.flat_map { |page| page.scan(/"Email":"([^"]*)"/) }.flatten)
      Data.connect(@database) do |connection|
        Measured.here do
          pages
          connection.copy_data(LINKED) { nil while connection.get_copy_data }
          connection.exec_params(OTHERS, [addresses]).ntuples
        end
      end
    end

    private

    def pages
      pages = []
      Net::HTTP.start(@salesforce.host, @salesforce.port) do |http|
        form = URI.encode_www_form(grant_type: "client_credentials", client_id: "x", client_secret: "x")
        token = JSON.parse(http.post("/services/oauth2/token", form).body)["access_token"]
        path = "/services/data/v66.0/query?#{URI.encode_www_form(q: SOQL)}"
        while path
          pages << http.get(path, "Authorization" => "Bearer #{token}").body
          path = pages.last[/"nextRecordsUrl":"([^"]*)"/, 1]
        end
      end
      pages
    end
  end
end
